// Package intake writes requests for a link and sign-ups.
//
// A request is answered after its commit, and a commit waits for the disk. So the
// requests that arrive while a batch is written are the next batch: a writer takes all
// that is queued and never waits for more, so a request that arrives alone is written
// at once. One writer is enough: its statements stay prepared on a connection of its own,
// and two writers that share the requests write smaller batches, which cost more. The
// writer first charges the limits of a batch; they stay charged even if the rows can't be
// written. Requests of one visitor count one after the other, as if each had come alone.
// Only requests that their visitor's limit lets through are charged to their address. Then
// the writer inserts their rows and deliveries; if that fails, each request by itself, so
// that one bad row does not refuse the others. If the queue is full, a request is refused
// at once.
package intake

import (
	"cmp"
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

// Receiver is a connection that writes requests.
type Receiver interface {
	// Charge runs f, which charges limits. They stay charged if the request fails later.
	Charge(ctx context.Context, f func(limit.Charger) error) error
	// Receive inserts requests with their deliveries, all or none.
	Receive(ctx context.Context, all []reset.Queued) error
	Close()
}

// Writer writes requests in batches. It implements reset.Intake.
type Writer struct {
	limits  *limit.Limiter
	queue   *batch.Queue[*request]
	running sync.WaitGroup
	working context.Context //nolint:containedctx // of the writer; ends soon after Close
	stop    context.CancelFunc
}

type request struct {
	reset.Queued
	visitor, target limit.Key
	throttled       bool
	err             error
}

// Start starts the writer with its connection. Close ends it.
func Start(limits *limit.Limiter, r Receiver) *Writer {
	w := &Writer{limits: limits, queue: batch.NewQueue[*request](queued, mostAtOnce)}
	w.working, w.stop = context.WithCancel(context.Background())
	w.running.Go(func() {
		defer r.Close()
		w.queue.Run(func(all []*request) []error { return w.write(r, all) })
	})
	return w
}

// Close waits until all queued requests are written. If the database is silent, they
// are lost; each was answered with an error.
func (w *Writer) Close() {
	w.queue.Close()
	defer time.AfterFunc(closeTimeout, w.stop).Stop()
	w.running.Wait()
	w.stop()
}

// Waiting returns how many requests wait for a writer.
func (w *Writer) Waiting() int { return w.queue.Len() }

// Receive implements reset.Intake. It returns *limit.TooMany if the visitor is over
// the limit, reset.ErrBusy if a queue is full, and an error of the store.
func (w *Writer) Receive(ctx context.Context, r reset.Reset, d reset.Delivery) error {
	if err := w.limits.RequireDeclared(ctx); err != nil {
		return err
	}
	q := &request{Queued: reset.Queued{Reset: r, Delivery: d}}
	form, address := counted(r, d)
	q.visitor, q.target = w.limits.FormKeys(form, r.CreatedByIP, address)
	return w.queue.Do(ctx, q)
}

// counted returns the form that was sent, and the address that it counts for: the one that
// gets the email. All ways of writing an address find the same account. A sign-up goes to
// the very address, so others that are only written alike must not use up its limit.
func counted(r reset.Reset, d reset.Delivery) (limit.Form, string) {
	if d.Kind == reset.KindSignUpConfirm {
		return limit.ForSignUp, r.Email
	}
	return limit.ForReset, reset.Canonical(d.Recipient)
}

// write charges the limits of a batch and then writes the requests that passed.
func (w *Writer) write(r Receiver, all []*request) []error {
	ctx, cancel := context.WithTimeout(w.working, timeout)
	defer cancel()
	passed, err := w.charge(ctx, r, all)
	if err == nil {
		receive(ctx, r, passed)
	}
	errs := make([]error, len(all))
	for i, q := range all {
		errs[i] = cmp.Or(err, q.err)
	}
	return errs
}

// charge returns the requests that their visitor's limit lets through. The others get
// *limit.TooMany; those that are too many for their address become throttled.
func (w *Writer) charge(ctx context.Context, r Receiver, all []*request) (passed []*request, err error) {
	if !w.limits.LimitsRequests() {
		return all, nil
	}
	err = r.Charge(ctx, func(counters limit.Charger) error {
		passed, err = w.chargeAll(ctx, counters, all)
		return err
	})
	return passed, err
}

func (w *Writer) chargeAll(ctx context.Context, counters limit.Charger, all []*request) (passed []*request, err error) {
	waits, err := w.limits.ChargeEach(ctx, counters, keys(all, func(q *request) limit.Key { return q.visitor }))
	if err != nil {
		return nil, err
	}
	for i, q := range all {
		if q.err = nil; waits[i] > 0 { // an earlier error is of a transaction that was rolled back
			q.err = &limit.TooMany{RetryAfter: waits[i]}
			continue
		}
		passed = append(passed, q)
	}
	waits, err = w.limits.ChargeEach(ctx, counters, keys(passed, func(q *request) limit.Key { return q.target }))
	for i := range waits {
		passed[i].throttled = waits[i] > 0
	}
	return passed, err
}

func keys(all []*request, of func(*request) limit.Key) []limit.Key {
	keys := make([]limit.Key, len(all))
	for i, q := range all {
		keys[i] = of(q)
	}
	return keys
}

// receive inserts all rows or, if that fails, each by itself.
func receive(ctx context.Context, r Receiver, all []*request) {
	rows := make([]reset.Queued, len(all))
	for i, q := range all {
		if q.throttled {
			reset.Throttle(&q.Reset, &q.Delivery)
		}
		rows[i] = q.Queued
	}
	if len(rows) == 0 {
		return
	}
	err := r.Receive(ctx, rows)
	for i, q := range all {
		if q.err = err; err != nil && len(rows) > 1 {
			q.err = r.Receive(ctx, rows[i:i+1])
		}
	}
}
