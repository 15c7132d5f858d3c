package mail

import (
	"context"
	"sync"
	"time"

	"resetd/internal/reset"
)

// Run sends emails until ctx is done. Then it finishes the emails that are being
// sent, which takes seconds, and returns.
func (w *Worker) Run(ctx context.Context) {
	jobs := make(chan reset.Delivery)
	free := make(chan struct{}, Lanes)
	var lanes sync.WaitGroup
	for range Lanes {
		free <- struct{}{}
		lanes.Go(func() { (&lane{Worker: w}).run(ctx, jobs, free) })
	}
	for failures := 0; ; {
		n := take(ctx, free)
		if n == 0 {
			break
		}
		due, err := w.claim(ctx, n)
		for range n - len(due) {
			free <- struct{}{}
		}
		for _, d := range due {
			jobs <- d // a lane is free for each
		}
		if failures++; err == nil {
			failures = 0
		}
		w.waitForWork(ctx, failures, len(due) == n)
	}
	close(jobs)
	lanes.Wait()
}

// take waits for a free lane, takes all free lanes and returns their number. It
// returns 0 if ctx is done.
func take(ctx context.Context, free <-chan struct{}) int {
	select {
	case <-ctx.Done():
		return 0
	case <-free:
	}
	n := 1
	for ctx.Err() == nil {
		select {
		case <-free:
			n++
		default:
			return n
		}
	}
	return 0
}

// claim ignores the end of ctx: an interrupted claim could leave emails leased that
// no worker sends.
func (w *Worker) claim(ctx context.Context, n int) ([]reset.Delivery, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queueTimeout)
	defer cancel()
	due, err := w.queue.Claim(ctx, Lease, n)
	w.database.report(err)
	return due, err
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
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}
