package mail

import (
	"context"
	"sync"
	"time"

	"resetd/internal/reset"
)

// Run sends mails until ctx is done. Mails in flight are then settled, in
// seconds, before it returns.
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
		w.rest(ctx, failures, len(due) == n)
	}
	close(jobs)
	lanes.Wait()
}

// take waits for a free lane and takes all that are free; none once ctx is done.
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

// claim outlives ctx: a claim cut off half-way could leave mails leased to
// nobody.
func (w *Worker) claim(ctx context.Context, n int) ([]reset.Delivery, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queueTimeout)
	defer cancel()
	due, err := w.queue.Claim(ctx, Lease, n)
	w.database.note(err)
	return due, err
}

// rest waits until there is reason to look again: at once when more may be due,
// later and later while the database is away.
func (w *Worker) rest(ctx context.Context, failures int, more bool) {
	if more && failures == 0 {
		return
	}
	wait, wake := jitter(w.poll), w.wake
	if failures > 0 {
		wait, wake = w.away(failures), nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}
