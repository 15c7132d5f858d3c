package metrics

import (
	"context"
	"errors"
	"strconv"
	"time"

	"resetd/internal/intake"
	"resetd/internal/limit"
	"resetd/internal/mail"
	"resetd/internal/password"
	"resetd/internal/reset"
)

// The names of the databases in labels.
const (
	Record   = "record"
	Accounts = "accounts"
)

// Request counts an answered request. An unknown path has no route.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.requestSeconds.WithLabelValues(route).Observe(took.Seconds())
}

// Unidentified counts a request whose visitor is not known.
func (m *Metrics) Unidentified() { m.unidentified.Inc() }

// outcomes are those that an installation sees first. They begin at zero, so that a
// rule can tell the first failure from a missing series.
var outcomes = []string{"requested", "matched", "opened", "used", "failed"}

// Reset counts what became of a reset.
func (m *Metrics) Reset(o reset.Outcome) { m.resets.WithLabelValues(string(o)).Inc() }

// Limit counts a limit that was reached.
func (m *Metrics) Limit(what string) { m.limits.WithLabelValues(what).Inc() }

// Lock counts a lock of a sign-in.
func (m *Metrics) Lock(s limit.Scope) { m.locks.WithLabelValues(string(s)).Inc() }

// Hash begins to measure a password. The result ends it.
func (m *Metrics) Hash() func(error) {
	began := time.Now()
	return func(err error) {
		switch {
		case err == nil:
			m.hashSeconds.Observe(since(began))
		case errors.Is(err, password.ErrBusy):
			m.hashesRefused.Inc()
		}
	}
}

// Statement begins to measure an operation of a database. The result ends it.
func (m *Metrics) Statement(database, operation string) func(error) {
	began := time.Now()
	return func(err error) {
		m.database.WithLabelValues(database, operation).Observe(since(began))
		if errors.Is(err, reset.ErrUnavailable) {
			m.databaseErrors.WithLabelValues(database).Inc()
		}
	}
}

// Reply begins to measure an email's session with the mail server. The result ends it
// with the error, or nil if the server accepted the email.
func (m *Metrics) Reply() func(error) {
	began := time.Now()
	return func(err error) {
		class, stage := mail.ReplyOf(err)
		m.replies.WithLabelValues(class, string(stage)).Inc()
		if err == nil {
			m.replySeconds.Observe(since(began))
		}
	}
}

// Receiver returns a receiver that measures the batches of another one.
func (m *Metrics) Receiver(r intake.Receiver) intake.Receiver { return receiver{r, m} }

type receiver struct {
	intake.Receiver
	m *Metrics
}

// Charge implements intake.Receiver.
func (r receiver) Charge(ctx context.Context, f func(limit.Charger) error) error {
	defer r.m.batch("limits", time.Now())
	return r.Receiver.Charge(ctx, f)
}

// Receive implements intake.Receiver.
func (r receiver) Receive(ctx context.Context, all []reset.Queued) error {
	defer r.m.batch("requests", time.Now())
	r.m.batches.WithLabelValues("requests").Observe(float64(len(all)))
	err := r.Receiver.Receive(ctx, all)
	if err == nil {
		r.m.throttled(all)
	}
	return err
}

// throttled counts the requests for links that were withheld when they were stored. The
// others are counted when they are matched.
func (m *Metrics) throttled(all []reset.Queued) {
	for _, q := range all {
		if q.Reset.Withheld == reset.WithheldThrottled && q.Delivery.Kind == reset.KindResetLink {
			m.Reset(reset.Outcome("withheld_" + reset.WithheldThrottled))
		}
	}
}

func (m *Metrics) batch(writer string, began time.Time) {
	m.batchSeconds.WithLabelValues(writer).Observe(since(began))
}
