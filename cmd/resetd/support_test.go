package main

import (
	"context"
	"net/http"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// member returns a browser with a signed-in staff member.
func (s *site) member(name string, role staff.Role) *browser {
	s.Helper()
	_, err := s.app.staff.Add(s.Context(), staff.Operator(), staff.Newcomer{Name: name, Role: role, Password: oldPassword, Again: oldPassword, NoTOTP: true})
	s.must(err)
	b := s.browser()
	b.staffLogin(name, oldPassword, "").Is(http.StatusSeeOther).To("/support")
	return b
}

func (b *browser) staffLogin(name, plain, code string, more ...string) page {
	b.Helper()
	return b.Post("/support/login", append([]string{"name", name, "password", plain, "code", code}, more...)...)
}

// row inserts a reset with defaults. A test changes only its subject.
func (s *site) row(change ...func(*reset.Reset)) reset.Reset {
	s.Helper()
	r := testkit.Reset(s.clock.Now(), "7", change...)
	d := testkit.Delivery(r.CreatedAt, r)
	d.NextAttemptAt = time.Time{}
	if r.Withheld != "" {
		r.UserID, r.AccountState, d.UserID, d.Recipient = "", "", "", ""
	}
	s.must(s.app.store.InTx(s.Context(), func(tx reset.Tx) error { return inserted(s.Context(), tx, r, d) }))
	return r
}

// inserted inserts a row and applies its use, revocation and opening.
func inserted(ctx context.Context, tx reset.Tx, r reset.Reset, d reset.Delivery) error {
	err := tx.Insert(ctx, r, d)
	if !r.OpenedAt.IsZero() && err == nil {
		err = tx.Opened(ctx, r.ID, r.OpenedAt, reset.Client{IP: r.OpenedByIP})
	}
	if !r.UsedAt.IsZero() && err == nil {
		_, err = tx.Use(ctx, r.ID, r.UsedAt, reset.Client{IP: r.UsedByIP, Agent: r.UsedByAgent})
	}
	if !r.RevokedAt.IsZero() && err == nil {
		err = tx.Revoke(ctx, r.ID, r.RevokedAt, r.RevokedBy)
	}
	return err
}
