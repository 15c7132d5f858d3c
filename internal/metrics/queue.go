package metrics

import (
	"context"
	"time"

	"resetd/internal/mail"
	"resetd/internal/reset"
)

// Mails returns a queue that counts the outcomes of another one.
func (m *Metrics) Mails(q mail.Queue) mail.Queue { return queue{q, m} }

// queue counts the outcomes that are stored.
type queue struct {
	mail.Queue
	m *Metrics
}

func (q queue) count(k reset.Kind, outcome string, err error) error {
	if err == nil {
		q.m.mails.WithLabelValues(string(k), outcome).Inc()
	}
	return err
}

// Sent implements mail.Queue.
func (q queue) Sent(ctx context.Context, d reset.Delivery, reply string) error {
	return q.count(d.Kind, "sent", q.Queue.Sent(ctx, d, reply))
}

// Unanswered implements mail.Queue.
func (q queue) Unanswered(ctx context.Context, m reset.Mail, reply string) error {
	return q.count(m.Delivery.Kind, "unanswered", q.Queue.Unanswered(ctx, m, reply))
}

// Deferred implements mail.Queue.
func (q queue) Deferred(ctx context.Context, m reset.Mail, wait time.Duration, reply string) error {
	return q.count(m.Delivery.Kind, "deferred", q.Queue.Deferred(ctx, m, wait, reply))
}

// Failed implements mail.Queue.
func (q queue) Failed(ctx context.Context, d reset.Delivery, reply string) error {
	return q.count(d.Kind, "failed", q.Queue.Failed(ctx, d, reply))
}

// Dropped implements mail.Queue.
func (q queue) Dropped(ctx context.Context, all []reset.Delivery) error {
	err := q.Queue.Dropped(ctx, all)
	for _, d := range all {
		_ = q.count(d.Kind, "dropped", err)
	}
	return err
}
