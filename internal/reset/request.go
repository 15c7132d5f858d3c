package reset

import (
	"context"
	"fmt"
	"time"
)

// Request requests a link for an address. For every address it takes the same two
// steps: one look-up, and one write of the same shape. The worker (Prepare) does
// the work that differs between addresses. So neither the answer nor its time
// reveals which addresses have accounts. The worker starts only after
// Config.MailDelay, because its work for a known address must not slow the answer.
//
// A throttled request (too many for this address) takes the same steps, but gets
// no link.
func (s *Service) Request(ctx context.Context, address Address, by Client, throttled bool) error {
	now := s.now()
	found, err := s.store.FindAccounts(ctx, address)
	if err != nil {
		return fmt.Errorf("request reset: %w", err)
	}
	r, d := s.draft(now, s.first(found))
	if throttled {
		r.withhold(&d, WithheldThrottled)
	}
	d.NextAttemptAt = now.Add(s.mailDelay)
	r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy = address.Normal, by.IP, by.Agent, RequestedByUser
	if err := s.store.Insert(ctx, r, d); err != nil {
		return fmt.Errorf("request reset: %w", err)
	}
	if s.mailDelay > 0 {
		time.AfterFunc(s.mailDelay, s.wake)
	} else {
		s.wake()
	}
	return nil
}

// draft makes the reset of an account and its delivery.
func (s *Service) draft(now time.Time, a Account) (Reset, Delivery) {
	r := Reset{
		ID: newID(), CreatedAt: now, ExpiresAt: now.Add(s.lifetime),
		UserID: a.ID, Withheld: s.withheld(a),
		// Computed for every address, because it takes time.
		AccountState: s.keys.AccountState(a), Mail: MailWaiting,
	}
	d := Delivery{
		ID: newID(), ResetID: r.ID, Kind: KindResetLink, UserID: a.ID,
		Recipient: a.Email, Locale: a.Locale, CreatedAt: now, NextAttemptAt: now,
	}
	if r.Withheld != "" {
		r.withhold(&d, r.Withheld)
	}
	return r, d
}

// withhold keeps the row and removes the values that a link and an email need.
func (r *Reset) withhold(d *Delivery, why Withheld) {
	r.Withheld, r.AccountState, r.Mail, d.Recipient = why, "", "", ""
}
