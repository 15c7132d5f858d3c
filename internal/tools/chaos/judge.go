package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// restart starts an instance again with the same address and settings.
func (t *trial) restart(ctx context.Context, p *process) error {
	var err error
	for range 5 {
		if err = p.start(ctx); err == nil {
			t.ledger.recovery(p.Started)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// It must start at once and without help.
		t.ledger.fault(other, "a start failed: %v", err)
	}
	return err
}

// comeBack waits for the first acknowledged request after a fault.
func (t *trial) comeBack(ctx context.Context) error {
	const patience = 2 * time.Minute
	t.ledger.over()
	for began := time.Now(); !t.ledger.recovered(); {
		if time.Since(began) > patience {
			return fmt.Errorf("no request was acknowledged within %v after the end of a fault\n%s", patience, t.servers[0].Log())
		}
		wait(ctx, 5*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// settle waits until no email is due and no visitor has a link to open. If this takes too
// long, the verdict lists the unsettled emails.
func (t *trial) settle(ctx context.Context) error {
	const patience = 15 * time.Minute // several leases after kills, and retries
	for began := time.Now(); t.settled < patience; wait(ctx, 200*time.Millisecond) {
		due, err := t.waiting(ctx, time.Now())
		t.settled = time.Since(began)
		if err != nil || (due == 0 && t.site.queued() == 0 && t.open.Load() == 0) {
			return err
		}
	}
	return nil
}

// judge compares the database, the emails and the passwords with the ledger.
func (t *trial) judge(ctx context.Context) (c counts, err error) {
	r, err := t.read(ctx)
	if err != nil {
		return c, err
	}
	c = t.ledger.verify(r, t.taken())
	if t.twoDatabases {
		err = t.verifyMembers(ctx, r)
		for _, x := range r.resets {
			if x.Unknown {
				t.unknown++
			}
		}
	}
	if n, err := t.strangers(ctx); err != nil || n > 0 {
		t.ledger.fault(other, "%d requests are not recorded with the address of the visitor; %v", n, err)
	}
	for email, want := range t.ledger.passwords(r) {
		if t.twoDatabases {
			break // there is no sign-in
		}
		t.trySignIn(ctx, email, want.now, http.StatusSeeOther)
		if want.before != "" {
			t.trySignIn(ctx, email, want.before, http.StatusUnprocessableEntity)
		}
	}
	for _, p := range t.servers {
		t.stop(p)
	}
	if err := t.checkFile(ctx); err != nil {
		t.ledger.fault(other, "the database is damaged: %v", err)
	}
	return c, err
}

// stop asks an instance to end.
func (t *trial) stop(p *process) {
	const patience = 10 * time.Second
	began := time.Now()
	code := p.Stop()
	if took := time.Since(began); code != 0 || took > patience {
		t.ledger.fault(other, "the program ended with status %d after %v when it was asked to", code, took)
	}
}

func (t *trial) trySignIn(ctx context.Context, email, password string, want int) {
	if status := t.signIn(ctx, email, password); status != want {
		t.ledger.fault(wrongPassword, "%s: signing in with %q: status %d, want %d", email, password, status, want)
	}
}
