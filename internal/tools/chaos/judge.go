package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// patience is how long it may take to settle all emails, with several leases after kills
// and with retries.
const patience = 15 * time.Minute

// settle waits until no mail is due and no visitor has a link to open.
func (t *trial) settle(ctx context.Context) error {
	for began := time.Now(); ; wait(ctx, 200*time.Millisecond) {
		due, err := t.due(ctx, time.Unix(0, 0))
		if err != nil {
			return err
		}
		t.settled = time.Since(began)
		if due == 0 && t.open.Load() == 0 {
			return nil
		}
		if t.settled > patience { // the verdict lists the unsettled emails
			return nil
		}
	}
}

// judge compares the database, the emails and the passwords with the ledger.
func (t *trial) judge(ctx context.Context) error {
	r, err := t.read(ctx)
	if err != nil {
		return err
	}
	t.verdict = t.ledger.verify(r, t.taken())
	for email, want := range t.ledger.passwords(r) {
		t.trySignIn(ctx, email, want.now, http.StatusSeeOther)
		if want.before != "" {
			t.trySignIn(ctx, email, want.before, http.StatusUnprocessableEntity)
		}
	}
	if code := t.server.Stop(); code != 0 {
		t.ledger.fault("the program ended with status %d when it was asked to", code)
	}
	if err := t.checkFile(ctx); err != nil {
		t.ledger.fault("the database is damaged: %v", err)
	}
	return nil
}

func (t *trial) trySignIn(ctx context.Context, email, password string, want int) {
	if status := t.signIn(ctx, email, password); status != want {
		t.verdict.password = append(t.verdict.password,
			fmt.Sprintf("%s: signing in with %q: status %d, want %d", email, password, status, want))
	}
}
