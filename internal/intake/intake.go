// Package intake writes requests for a link and sign-ups.
//
// A request is answered after its commit, and a commit waits for the disk. So the
// requests that arrive while a batch is written are the next batch: a writer takes
// all that is queued and never waits for more, so a request that arrives alone is
// written at once. There are two writers, one behind the other, each with its own
// connection whose statements stay prepared. The first charges the limits, in a
// transaction of its own, which counts even if the second fails. If a key
// occurs several times in a batch, its n-th occurrence counts as the n-th. Only requests that
// their visitor's limit lets through are charged to their address. The second writer
// inserts the rows and their deliveries; if that fails, each row is written by
// itself, so that one bad row does not refuse the others. If a queue is full, a
// request is refused at once.
package intake

import (
	"context"
	"sync"
	"time"

	"resetd/internal/batch"
	"resetd/internal/limit"
	"resetd/internal/reset"
)

const (
	queued     = 2048 // requests that may wait
	mostAtOnce = 64   // requests in a batch
	timeout    = 10 * time.Second
	// closeTimeout is how long Close waits for requests that nobody waits for any more.
	closeTimeout = 500 * time.Millisecond
)

// Session is a connection that writes requests.
type Session interface {
	// Charge runs f, which charges limits. They stay charged if the request fails later.
	Charge(ctx context.Context, f func(limit.Counters) error) error
	// Receive inserts requests with their deliveries, all or none.
	Receive(ctx context.Context, all []reset.Matched) error
	Close()
}

// Writer writes requests in batches. It implements reset.Intake.
type Writer struct {
	limits  *limit.Limiter
	charges *batch.Queue[*request]
	rows    *batch.Queue[reset.Matched]
	running sync.WaitGroup
	working context.Context //nolint:containedctx // of the writers; ends soon after Close
	stop    context.CancelFunc
}

type request struct {
	visitor, target limit.Key
	throttled       bool
}

// Start starts the two writers. Close ends them.
func Start(limits *limit.Limiter, charging, writing Session) *Writer {
	w := &Writer{
		limits: limits, charges: batch.NewQueue[*request](queued, mostAtOnce), rows: batch.NewQueue[reset.Matched](queued, mostAtOnce),
	}
	w.working, w.stop = context.WithCancel(context.Background())
	w.running.Go(func() {
		defer charging.Close()
		w.charges.Run(func(all []*request) []error { return w.charge(charging, all) })
	})
	w.running.Go(func() {
		defer writing.Close()
		w.rows.Run(func(all []reset.Matched) []error { return w.receive(writing, all) })
	})
	return w
}

// Close waits until all queued requests are written. If the database is silent, they
// are lost; each was answered with an error.
func (w *Writer) Close() {
	w.charges.Close()
	w.rows.Close()
	defer time.AfterFunc(closeTimeout, w.stop).Stop()
	w.running.Wait()
	w.stop()
}

// Waiting returns how many requests wait for a writer.
func (w *Writer) Waiting() int { return w.charges.Len() + w.rows.Len() }

// Receive implements reset.Intake. It returns *limit.TooMany if the visitor is over
// the limit, reset.ErrBusy if a queue is full, and an error of the store.
func (w *Writer) Receive(ctx context.Context, r reset.Reset, d reset.Delivery) error {
	if err := w.limits.Declared(ctx); err != nil {
		return err
	}
	if w.limits.LimitsRequests() {
		q := &request{}
		q.visitor, q.target = w.limits.FormKeys(form(d.Kind), r.CreatedByIP, reset.Canonical(d.Recipient))
		if err := w.charges.Do(ctx, q); err != nil {
			return err
		}
		if q.throttled {
			reset.Throttle(&r, &d)
		}
	}
	return w.rows.Do(ctx, reset.Matched{Reset: r, Delivery: d})
}

func form(k reset.Kind) limit.Form {
	if k == reset.KindSignUpConfirm {
		return limit.ForSignUp
	}
	return limit.ForReset
}

// charge charges the limits of a batch. It returns *limit.TooMany for refused
// requests, and marks those that are too many for their address.
func (w *Writer) charge(s Session, all []*request) []error {
	ctx, cancel := context.WithTimeout(w.working, timeout)
	defer cancel()
	errs := make([]error, len(all))
	err := s.Charge(ctx, func(counters limit.Counters) error { return w.chargeAll(ctx, counters, all, errs) })
	if err != nil {
		for i := range errs {
			errs[i] = err
		}
	}
	return errs
}

func (w *Writer) chargeAll(ctx context.Context, counters limit.Counters, all []*request, errs []error) error {
	visitors := make([]limit.Key, len(all))
	for i, q := range all {
		visitors[i] = q.visitor
	}
	waits, err := w.limits.ChargeEach(ctx, counters, visitors)
	if err != nil {
		return err
	}
	clear(errs) // of a transaction that was rolled back
	var passed []*request
	var targets []limit.Key
	for i, q := range all {
		if waits[i] > 0 {
			errs[i] = &limit.TooMany{RetryAfter: waits[i]}
			continue
		}
		passed, targets = append(passed, q), append(targets, q.target)
	}
	waits, err = w.limits.ChargeEach(ctx, counters, targets)
	for i := range waits {
		passed[i].throttled = waits[i] > 0
	}
	return err
}

// receive inserts all rows or, if that fails, each by itself.
func (w *Writer) receive(s Session, rows []reset.Matched) []error {
	ctx, cancel := context.WithTimeout(w.working, timeout)
	defer cancel()
	errs := make([]error, len(rows))
	err := s.Receive(ctx, rows)
	if len(rows) == 1 {
		errs[0] = err
	}
	if err == nil || len(rows) == 1 {
		return errs
	}
	for i := range rows {
		errs[i] = s.Receive(ctx, rows[i:i+1])
	}
	return errs
}
