package mail

import (
	"context"
	"slices"
	"sync"
	"time"

	"resetd/internal/reset"
)

// Run sends emails until ctx is done. Then it finishes the emails that are being
// sent, which takes seconds, gives the waiting ones back, and returns.
func (w *Worker) Run(ctx context.Context) {
	working, cancel := outlive(ctx, storeGrace)
	defer cancel()
	w.working = working
	room := make(chan struct{}, 1)
	d := dispatcher{Worker: w, room: room, jobs: make(chan *job), done: make(chan *job, w.lanes), busy: map[string]int{}}
	batches := make(chan []*job)
	var background sync.WaitGroup
	for range w.lanes {
		background.Go(func() { (&lane{Worker: w}).run(ctx, d.jobs, d.done) })
	}
	background.Go(func() {
		defer close(batches)
		w.feed(ctx, batches, room)
	})
	d.run(ctx, batches)
	background.Wait()
}

// job is an email for a lane. An email that was matched just now is complete, any
// other must be prepared. A turn begins at a random moment within a tick. A blank job sends
// nothing and takes as long as an email.
type job struct {
	mail     reset.Mail
	complete bool
	turn     bool
	blank    bool
}

func (j *job) delivery() reset.Delivery { return j.mail.Delivery }

func (j *job) domain() string { return domainOf(j.mail.Delivery.Recipient) }

// dispatcher gives emails to lanes and renews their leases.
type dispatcher struct {
	*Worker
	jobs    chan *job
	done    chan *job       // emails whose attempt is over
	room    chan<- struct{} // receives while there is room for another batch
	waiting []*job
	sending []*job
	busy    map[string]int // lanes by domain
}

// run ends when there are no more batches and all lanes are free.
func (d *dispatcher) run(ctx context.Context, batches <-chan []*job) {
	renewal := time.NewTicker(renew)
	defer renewal.Stop()
	defer close(d.jobs)
	for stopped := ctx.Done(); batches != nil || len(d.sending) > 0; {
		room := d.room
		if len(d.waiting) >= mostWaiting {
			room = nil
		}
		select {
		case room <- struct{}{}:
		case batch, open := <-batches:
			if d.waiting = append(d.waiting, batch...); !open {
				batches = nil
			}
		case j := <-d.done:
			d.finished(j)
		case <-renewal.C:
			d.extend(append(slices.Clone(d.sending), d.waiting...), Lease)
		case <-stopped:
			stopped = nil
		}
		if ctx.Err() != nil {
			d.giveBack()
		}
		d.assign()
	}
}

// assign gives the waiting emails to the free lanes.
func (d *dispatcher) assign() {
	for len(d.sending) < d.lanes && len(d.waiting) > 0 {
		at := d.next()
		j := d.waiting[at]
		d.waiting = slices.Delete(d.waiting, at, at+1)
		d.sending = append(d.sending, j)
		d.busy[j.domain()]++
		d.jobs <- j
	}
}

// next returns the first email whose domain has a lane left, else the first: one
// domain, whose server may be slow, must not delay the emails to others.
func (d *dispatcher) next() int {
	at := slices.IndexFunc(d.waiting, func(j *job) bool { return d.busy[j.domain()] < perDomain })
	return max(at, 0)
}

func (d *dispatcher) finished(j *job) {
	if d.busy[j.domain()]--; d.busy[j.domain()] == 0 {
		delete(d.busy, j.domain())
	}
	d.sending = slices.DeleteFunc(d.sending, func(s *job) bool { return s == j })
}

// giveBack makes the emails that wait for a lane due for the next process.
func (d *dispatcher) giveBack() {
	d.extend(d.waiting, 0)
	d.waiting = nil
}

// extend makes the leases of some emails end after a time.
func (w *Worker) extend(jobs []*job, lease time.Duration) {
	var held []reset.Delivery
	for _, j := range jobs {
		if !j.blank {
			held = append(held, j.delivery())
		}
	}
	if len(held) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(w.working, queueTimeout)
	defer cancel()
	if err := w.queue.Renew(ctx, held, lease); err != nil {
		w.database.report(ctx, err)
	}
}
