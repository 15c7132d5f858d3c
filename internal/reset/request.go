package reset

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Intake writes requests and sign-ups. It charges the limits and decides whether the
// request is throttled, then stores the row and its delivery, both or neither. It
// returns after the commit.
//
// The kind of the delivery tells which it is. A sign-up has the same properties as a
// request before it is matched: id, times, address and client. They are passed in a
// Reset, and become a row of the sign-ups.
type Intake interface {
	Receive(ctx context.Context, r Reset, d Delivery) error
}

// Request requests a link for an address. It looks nothing up: for every address
// it writes one row and one delivery of the same shape. The worker finds the
// accounts later (see Match). So neither the answer nor its time reveals which
// addresses have accounts. The locale is the browser's.
func (s *Service) Request(ctx context.Context, address Address, by Client, locale string) error {
	now := s.now()
	r := Reset{
		ID: newID(), CreatedAt: now, ExpiresAt: now.Add(s.lifetime), Email: address.Normal,
		CreatedByIP: by.IP, CreatedByAgent: by.Agent, RequestedBy: RequestedByUser,
	}
	d := Delivery{
		ID: newID(), ResetID: r.ID, Kind: KindResetLink, Recipient: address.Typed, Locale: locale, CreatedAt: now, NextAttemptAt: now,
	}
	if err := s.intake.Receive(ctx, r, d); err != nil {
		return fmt.Errorf("request reset: %w", err)
	}
	s.count(OutcomeRequested)
	s.wake()
	return nil
}

// Throttle withholds a request that was not stored yet, because there were too many
// for its address.
func Throttle(r *Reset, d *Delivery) { r.withhold(d, WithheldThrottled) }

// draft makes the reset of an account and its delivery.
func (s *Service) draft(now time.Time, a Account) (Reset, Delivery) {
	r := Reset{ID: newID(), CreatedAt: now, ExpiresAt: now.Add(s.lifetime)}
	d := Delivery{ID: newID(), ResetID: r.ID, Kind: KindResetLink, CreatedAt: now, NextAttemptAt: now}
	s.applyAccount(&r, &d, a)
	return r, d
}

// applyAccount matches a request with an account, or with the zero Account.
func (s *Service) applyAccount(r *Reset, d *Delivery, a Account) {
	r.UserID, d.UserID = a.ID, a.ID
	if why := s.Withholds(a); why != "" {
		r.withhold(d, why)
		if slices.Contains(s.explain, why) {
			d.Kind, d.Recipient = KindNoLink, a.Email
			d.Locale = cmp.Or(a.Locale, d.Locale)
		}
		return
	}
	r.AccountState, r.Mail, d.Recipient = s.keys.AccountState(a), MailWaiting, a.Email
	if a.Email == "" {
		r.Mail = MailFailed // it was found by its name
	}
	d.Locale = cmp.Or(a.Locale, d.Locale)
}

// withhold keeps the row and removes the values that a link and an email need.
func (r *Reset) withhold(d *Delivery, why Withheld) {
	r.Withheld, r.AccountState, r.Mail, d.Recipient = why, "", "", ""
}
