package main

import (
	"context"
	"net/http"
	"time"
)

// steps are the settings of the clock relative to the machine's clock. Links live an
// hour. The last step is the largest, so all deferred emails are due in the end.
var steps = []time.Duration{20 * time.Minute, 0, -2 * time.Hour, 0, 2 * time.Hour}

const (
	linkLifetime = time.Hour
	// held is the longest wait for the next attempt. If an email is due later, a
	// clock that was ahead delays it.
	held = 15 * time.Minute
)

// setClock sets the clock while clients work.
func (t *trial) setClock(ctx context.Context) error {
	for i, step := range steps {
		if err := t.stepOnce(ctx, i, step); err != nil {
			return err
		}
	}
	return nil
}

// stepOnce sets the clock, opens a link from before, and requests a new one.
func (t *trial) stepOnce(ctx context.Context, i int, step time.Duration) error {
	before := t.mailTo(ctx, probe(2*i))
	wait(ctx, time.Second+within(t.rng, 2*time.Second))
	by := step - t.clock.step
	if err := t.clock.set(step); err != nil {
		return err
	}
	t.cause("step of the clock")
	t.seesTheTime(ctx)
	t.openAged(ctx, before, by)
	t.mailTo(ctx, probe(2*i+1))
	if by < 0 {
		if err := t.noneWaits(ctx, by); err != nil {
			return err
		}
		t.mailTo(ctx, probe(2*i)) // its first link was made in the future
	}
	return t.comeBack(ctx)
}

// noneWaits checks that no email waits until the clock reaches its old time.
func (t *trial) noneWaits(ctx context.Context, by time.Duration) error {
	for start := time.Now(); time.Since(start) < time.Minute; wait(ctx, time.Second) {
		if n, err := t.due(ctx, t.clock.now().Add(held)); err != nil || n == 0 {
			return err
		}
	}
	t.ledger.fault(other, "a step of %v: emails that were due before it still wait a minute later", by)
	return nil
}

// seesTheTime checks the program's clock in the Date header of an answer.
func (t *trial) seesTheTime(ctx context.Context) {
	_, header := t.send(ctx, "/healthz", "chaos clock", "")
	date, err := http.ParseTime(header.Get("Date"))
	if off := date.Sub(t.clock.now()).Abs(); err != nil || off > 5*time.Second {
		t.ledger.fault(other, "the program's clock is off by %v from what it was set to", off)
	}
}

// openAged opens a link after the clock was set.
func (t *trial) openAged(ctx context.Context, m mailed, by time.Duration) {
	want := http.StatusSeeOther
	if by >= linkLifetime {
		want = http.StatusGone
	}
	if status := t.follow(ctx, m); status != want {
		t.ledger.fault(other, "a step of %v: the link of %s answers %d, want %d", by, m.to, status, want)
	}
}

// mailTo requests a link and waits for it.
func (t *trial) mailTo(ctx context.Context, email string) mailed {
	for len(t.probes[email]) > 0 {
		<-t.probes[email] // of an earlier request, and sent twice
	}
	for ctx.Err() == nil && !acknowledged(t.ask(ctx, email)) {
		wait(ctx, pause)
	}
	select {
	case m := <-t.probes[email]:
		return m
	case <-time.After(time.Minute):
		t.ledger.fault(other, "the link for %s was not mailed within a minute", email)
	case <-ctx.Done():
	}
	return mailed{to: email}
}
