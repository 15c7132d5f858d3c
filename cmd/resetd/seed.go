package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store"
)

// seedHistory gives the demo a past: a reset for each way that one can end.
func seedHistory(ctx context.Context, s *store.Store, user store.User) error {
	const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	visitor := reset.Client{IP: netip.MustParseAddr("198.51.100.7"), Agent: agent}
	day := 24 * time.Hour
	for _, past := range []struct {
		ago      time.Duration
		email    string
		withheld reset.Withheld
		after    func(tx reset.Tx, r reset.Reset) error
	}{
		{9 * day, "nobody@example.org", reset.WithheldNoAccount, nil},
		{8 * day, "inactive@example.org", reset.WithheldInactive, nil},
		{6 * day, user.Email, "", nil},
		{3 * day, user.Email, "", func(tx reset.Tx, r reset.Reset) error {
			return tx.Revoke(ctx, r.ID, r.CreatedAt.Add(4*time.Minute), reset.RevokedSuperseded)
		}},
		{3*day - 4*time.Minute, user.Email, "", func(tx reset.Tx, r reset.Reset) error {
			if err := tx.Opened(ctx, r.ID, r.CreatedAt.Add(time.Minute), visitor); err != nil {
				return err
			}
			_, err := tx.Use(ctx, r.ID, r.CreatedAt.Add(2*time.Minute), visitor)
			return err
		}},
	} {
		r, d := pastReset(user, past.email, past.withheld, time.Now().Add(-past.ago), visitor)
		err := s.InTx(ctx, func(tx reset.Tx) error {
			if err := tx.Insert(ctx, r, d); err != nil {
				return err
			}
			if r.Withheld != "" {
				return nil
			}
			d.SentAt, d.LastReply = r.CreatedAt.Add(2*time.Second), "written"
			if err := tx.Settle(ctx, d); err != nil || past.after == nil {
				return err
			}
			return past.after(tx, r)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pastReset is a reset of a past moment with a delivery that is settled.
func pastReset(user store.User, email string, withheld reset.Withheld, at time.Time, by reset.Client) (reset.Reset, reset.Delivery) {
	r := reset.Reset{
		ID: uuid.New(), CreatedAt: at, ExpiresAt: at.Add(time.Hour), Email: email,
		CreatedByIP: by.IP, CreatedByAgent: by.Agent, RequestedBy: reset.RequestedByUser, Withheld: withheld,
	}
	d := reset.Delivery{ID: uuid.New(), ResetID: r.ID, Kind: reset.KindResetLink, CreatedAt: at}
	if withheld == "" {
		r.UserID, r.AccountState, d.Recipient = user.ID.String(), "from before", email
	}
	return r, d
}
