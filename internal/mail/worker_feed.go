package mail

import (
	"context"
	"errors"
	"time"

	"resetd/internal/reset"
)

// feed leases due deliveries and matches received requests until ctx is done. While
// too many emails wait for a lane, it only matches, and gives the emails back.
func (w *Worker) feed(ctx context.Context, batches chan<- []*job, room <-chan struct{}) {
	for failures := 0; ctx.Err() == nil; {
		which := reset.Unmatched
		if sleep(ctx, tick, room) {
			which = reset.AllDue
		}
		due, err := w.lease(which)
		switch jobs := w.triage(due); {
		case len(jobs) == 0:
		case which == reset.AllDue:
			batches <- jobs
		default:
			w.extend(jobs, 0)
		}
		if failures++; err == nil {
			failures = 0
		}
		w.waitForWork(ctx, failures, len(due) == batchSize)
	}
}

// lease may finish when the process stops: an interrupted lease could leave emails
// leased that no worker sends.
func (w *Worker) lease(which reset.Which) ([]reset.Delivery, error) {
	ctx, cancel := context.WithTimeout(w.working, queueTimeout)
	defer cancel()
	due, err := w.queue.Lease(ctx, which, Lease, batchSize)
	w.database.report(ctx, err)
	return due, err
}

// triage matches received requests, settles what needs no email, and returns the
// emails to send.
func (w *Worker) triage(due []reset.Delivery) (jobs []*job) {
	var links, signUps, dropped []reset.Delivery
	for _, d := range due {
		switch {
		case d.Received() && d.Kind == reset.KindSignUpConfirm:
			signUps = append(signUps, d)
		case d.Received():
			links = append(links, d)
		case d.Recipient == "":
			dropped = append(dropped, d)
		default:
			jobs = append(jobs, &job{mail: reset.Mail{Delivery: d}})
		}
	}
	w.drop(dropped)
	return append(jobs, w.turns(append(links, signUps...), append(w.match(links), w.match(signUps)...))...)
}

// turns returns a job for each matched request. A request that gets no email takes
// its turn in a lane nevertheless, and each turn begins at a random moment, so the emails of
// others do not show whether an address has an account. Among many requests nobody can see
// that, so there are no turns.
func (w *Worker) turns(received []reset.Delivery, mails []reset.Mail) (jobs []*job) {
	matched := map[reset.ID]reset.Mail{}
	for _, m := range mails {
		matched[m.Delivery.ID] = m
	}
	turn := len(received) <= 2*w.lanes
	for _, d := range received {
		if m, ok := matched[d.ID]; ok {
			jobs = append(jobs, &job{mail: m, complete: true, turn: turn})
		} else if turn {
			jobs = append(jobs, &job{mail: reset.Mail{Delivery: d}, turn: true, blank: true})
		}
	}
	return jobs
}

func (w *Worker) drop(all []reset.Delivery) {
	if len(all) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(w.working, outcomeTimeout)
	defer cancel()
	w.database.report(ctx, storeOutcome(ctx, func(ctx context.Context) error { return w.queue.Dropped(ctx, all) }))
}

// match matches all requests or, if that fails because of one of them, each by
// itself. A request that can't be matched now is tried again later.
func (w *Worker) match(received []reset.Delivery) []reset.Mail {
	if len(received) == 0 {
		return nil
	}
	mails, err := w.matchAtOnce(received)
	if err == nil {
		return mails
	}
	if len(received) > 1 && !errors.Is(err, reset.ErrUnavailable) {
		for i := range received {
			mails = append(mails, w.match(received[i:i+1])...)
		}
		return mails
	}
	w.log.Warn("accounts can't be looked up", "requests", len(received), "error", err)
	for _, d := range received {
		w.postpone(d)
	}
	return nil
}

func (w *Worker) matchAtOnce(received []reset.Delivery) ([]reset.Mail, error) {
	ctx, cancel := context.WithTimeout(w.working, queueTimeout)
	defer cancel()
	mails, err := w.queue.Match(ctx, received)
	if err == nil && len(mails) > 0 {
		w.Wake() // further accounts with an address may have deliveries of their own
	}
	return mails, err
}

// postpone puts a received request back into the queue. It never fails for good:
// once it has expired, it is matched as such.
func (w *Worker) postpone(d reset.Delivery) {
	ctx, cancel := context.WithTimeout(w.working, outcomeTimeout)
	defer cancel()
	m := reset.Mail{Delivery: d, Reset: reset.Reset{ExpiresAt: d.CreatedAt.Add(2 * reset.MaxLifetime)}}
	o := w.deferred(m, "the account can't be looked up at the moment, see the log")
	w.database.report(ctx, storeOutcome(ctx, o.store))
}

// waitForWork waits until the queue should be queried again. It returns at once if
// more emails may be due. While the database is unavailable it waits longer each
// time.
func (w *Worker) waitForWork(ctx context.Context, failures int, more bool) {
	if more && failures == 0 {
		return
	}
	wait, wake := jitter(w.poll), w.wake
	if failures > 0 {
		wait, wake = w.outageWait(failures), nil
	}
	if !sleep(ctx, wait, wake) {
		return
	}
	// Somebody woke the worker: it goes on at the next tick.
	now := time.Now()
	sleep(ctx, now.Truncate(tick).Add(tick).Sub(now), nil)
}

// sleep reports whether it was ended by wake.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
		return true
	}
	return false
}
