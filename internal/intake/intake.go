// Package intake writes reset requests.
//
// A request is answered after its commit, and a commit waits for the disk. So the
// requests that arrive while a batch is written are the next batch: a writer takes
// all that is queued and never waits for more, so a request that arrives alone is
// written at once. A batch takes two transactions. The first charges the limits,
// and counts even if the second fails. In a batch, the n-th charge to a key is
// compared with the limit as count + n. Only requests that their visitor's limit
// lets through are charged to their address. The second inserts the rows and their
// deliveries; if it fails, each row is written by itself, so that one bad row does
// not refuse the others. If the queue is full, a request is refused at once. Each
// writer has its own connection, whose statements stay prepared.
package intake

import (
	"context"
	"errors"
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
)

// Session is a connection that writes requests.
type Session interface {
	// Charge runs f in a transaction.
	Charge(ctx context.Context, f func(limit.Counters) error) error
	// Receive inserts requests with their deliveries, all or none.
	Receive(ctx context.Context, all []reset.Matched) error
	Close()
}

// Writer writes requests in batches. It implements reset.Intake.
type Writer struct {
	limits  *limit.Limiter
	queue   *batch.Queue[*request]
	running sync.WaitGroup
}

type request struct {
	reset.Matched
	visitor, target limit.Key
}

// Start starts a writer for each session. Close ends them.
func Start[S Session](limits *limit.Limiter, sessions ...S) *Writer {
	w := &Writer{limits: limits}
	w.queue = batch.NewQueue[*request](queued, mostAtOnce)
	for _, s := range sessions {
		w.running.Go(func() {
			defer s.Close()
			w.queue.Run(func(all []*request) []error { return w.write(s, all) })
		})
	}
	return w
}

// Close waits until all queued requests are written.
func (w *Writer) Close() {
	w.queue.Close()
	w.running.Wait()
}

// Waiting returns how many requests wait.
func (w *Writer) Waiting() int { return w.queue.Len() }

// Receive implements reset.Intake. It returns *limit.TooMany if the visitor is over
// the limit, reset.ErrBusy if the queue is full, and an error of the store.
func (w *Writer) Receive(ctx context.Context, r reset.Reset, d reset.Delivery) error {
	if err := w.limits.Declared(ctx); err != nil {
		return err
	}
	visitor, target := w.limits.RequestKeys(r.CreatedByIP, reset.Canonical(d.Recipient))
	err := w.queue.Do(ctx, &request{reset.Matched{Reset: r, Delivery: d}, visitor, target})
	switch {
	case errors.Is(err, batch.ErrFull):
		return reset.ErrBusy
	case errors.Is(err, batch.ErrClosed):
		return reset.ErrUnavailable
	default:
		return err
	}
}

// write writes a batch and returns an error, or nil, for each request.
func (w *Writer) write(s Session, all []*request) []error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	errs, passed := make([]error, len(all)), make([]int, 0, len(all))
	if err := w.charge(ctx, s, all, errs); err != nil {
		for i := range errs {
			errs[i] = err
		}
		return errs
	}
	var rows []reset.Matched
	for i, q := range all {
		if errs[i] == nil {
			passed, rows = append(passed, i), append(rows, q.Matched)
		}
	}
	for i, err := range receive(ctx, s, rows) {
		errs[passed[i]] = err
	}
	return errs
}

// charge charges the limits, sets the errors of refused requests, and throttles
// those that are too many for their address.
func (w *Writer) charge(ctx context.Context, s Session, all []*request, errs []error) error {
	if !w.limits.LimitsRequests() {
		return nil
	}
	return s.Charge(ctx, func(counters limit.Counters) error {
		visitors := make([]limit.Key, len(all))
		for i, q := range all {
			visitors[i] = q.visitor
		}
		waits, err := w.limits.ChargeEach(ctx, counters, visitors)
		if err != nil {
			return err
		}
		var passed []*request
		var targets []limit.Key
		for i, q := range all {
			if errs[i] = nil; waits[i] > 0 {
				errs[i] = &limit.TooMany{RetryAfter: waits[i]}
				continue
			}
			passed, targets = append(passed, q), append(targets, q.target)
		}
		waits, err = w.limits.ChargeEach(ctx, counters, targets)
		for i := range waits {
			if waits[i] > 0 {
				reset.Throttle(&passed[i].Reset, &passed[i].Delivery)
			}
		}
		return err
	})
}

// receive inserts all rows or, if that fails, each by itself.
func receive(ctx context.Context, s Session, rows []reset.Matched) []error {
	errs := make([]error, len(rows))
	if len(rows) == 0 {
		return errs
	}
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
