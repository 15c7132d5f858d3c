package mail

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"resetd/internal/reset"
)

// outcome is the result of an attempt: a word for the log, and a function that
// stores it.
type outcome struct {
	word   string
	store  func(ctx context.Context) error
	traced context.Context //nolint:containedctx // of the session with the mail server, for the log; nil if there was none
}

func (w *Worker) dropped(d reset.Delivery) outcome {
	return outcome{word: "dropped", store: func(ctx context.Context) error { return w.queue.Dropped(ctx, []reset.Delivery{d}) }}
}

func (w *Worker) failed(d reset.Delivery, text string) outcome {
	return outcome{word: "failed", store: func(ctx context.Context) error { return w.queue.Failed(ctx, d, text) }}
}

func (w *Worker) deferred(m reset.Mail, text string) outcome {
	wait := retryWait(m.Delivery.Attempts)
	return outcome{word: "deferred", store: func(ctx context.Context) error { return w.queue.Deferred(ctx, m, wait, text) }}
}

func (w *Worker) unanswered(m reset.Mail, text string) outcome {
	return outcome{word: "unanswered", store: func(ctx context.Context) error { return w.queue.Unanswered(ctx, m, text) }}
}

func (w *Worker) sent(d reset.Delivery, reply string) outcome {
	return outcome{word: "sent", store: func(ctx context.Context) error { return w.queue.Sent(ctx, d, reply) }}
}

const tooLate = "it could not be sent in time"

// attempt prepares, composes and sends one email. After a panic only this email
// fails. The panic's value may contain secrets, so only its type is logged.
func (l *lane) attempt(ctx context.Context, j *job) (o outcome) {
	d := j.delivery()
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("composing or sending an email panicked", "delivery", d.ID, "kind", d.Kind, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			o = l.failed(d, "the email can't be composed because of a bug; see the log")
		}
	}()
	m, err := l.prepare(ctx, j)
	switch {
	case errors.Is(err, reset.ErrNothingToSend):
		return l.dropped(d)
	case errors.Is(err, reset.ErrTooLate):
		return l.failed(d, tooLate)
	case errors.Is(err, reset.ErrNotFound):
		return l.failed(d, "the reset of this email no longer exists")
	case err != nil:
		return l.unprepared(d, err)
	}
	return l.mail(ctx, m)
}

func (l *lane) prepare(ctx context.Context, j *job) (reset.Mail, error) {
	if j.complete {
		return j.mail, nil
	}
	ctx, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	return l.queue.Prepare(ctx, j.delivery())
}

// unprepared puts an email back into the queue after a database error. The expiry
// of its link is unknown then, but at most MaxLifetime.
func (l *lane) unprepared(d reset.Delivery, err error) outcome {
	l.log.Warn("email can't be prepared", "delivery", d.ID, "kind", d.Kind, "attempts", d.Attempts, "error", err)
	m := reset.Mail{Delivery: d, Reset: reset.Reset{ExpiresAt: d.CreatedAt.Add(reset.MaxLifetime)}}
	return l.deferred(m, "the mail could not be prepared, see the log")
}

func (l *lane) mail(ctx context.Context, m reset.Mail) (o outcome) {
	msg, err := l.compose(m)
	if err != nil {
		l.log.Error("email can't be composed", "delivery", m.Delivery.ID, "kind", m.Delivery.Kind, "error", err)
		return l.failed(m.Delivery, clip(err.Error()))
	}
	m.Delivery.LastServer, m.Delivery.MessageID = Name(l.transport), strings.Trim(msg.GetMessageID(), "<>")
	d := m.Delivery
	ctx, finished := l.observe(ctx, d)
	defer func() { finished(err); o.traced = ctx }()
	reply, err := l.send(ctx, msg)
	switch {
	case err == nil:
		return l.sent(d, hidden(reply, m))
	case errors.Is(err, reset.ErrTooLate):
		return l.failed(d, tooLate)
	case isUnanswered(err):
		return l.unanswered(m, hidden(clip(err.Error()), m))
	case IsPermanent(err):
		return l.failed(d, hidden(clip(err.Error()), m))
	default:
		return l.deferred(m, hidden(clip(err.Error()), m))
	}
}

// storeOutcome stores the outcome and retries while the database is unavailable. If an
// outcome is not stored, the email is sent twice.
func storeOutcome(ctx context.Context, store func(context.Context) error) error {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		err := store(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}
