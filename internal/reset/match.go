package reset

import (
	"context"
	"fmt"
	"time"
)

// Match looks up the accounts of received requests, stores what it found, and
// returns the emails to send. Each request gets the link of one account, or the reason
// why it gets none; or it is revoked, because another link of the account was used
// after the request. Each further account with the address gets a row and a delivery.
//
// The update of a row that is still received is the permission to match it, so one
// of several workers gets it. No link and no email exists before the transaction
// commits. If the worker dies after it, the delivery is leased again when its
// lease ends, see Prepare.
//
// A sign-up gets its link. If an account has the address already, its owner gets an email
// about the attempt instead.
//
// After an error some requests may be matched. Their deliveries are leased again
// when the leases end.
func (s *Service) Match(ctx context.Context, due []Delivery) (mails []Mail, err error) {
	links, signUps := byForm(due)
	mails, err = s.matchLinks(ctx, links)
	if err != nil {
		return nil, err
	}
	more, err := s.matchSignUps(ctx, signUps)
	return append(mails, more...), err
}

// byForm returns the deliveries of requests and those of sign-ups.
func byForm(due []Delivery) (links, signUps []Delivery) {
	for _, d := range due {
		if d.Kind == KindSignUpConfirm {
			signUps = append(signUps, d)
		} else {
			links = append(links, d)
		}
	}
	return links, signUps
}

func (s *Service) matchLinks(ctx context.Context, due []Delivery) (mails []Mail, err error) {
	if len(due) == 0 {
		return nil, nil
	}
	now := s.now()
	decisions, err := s.lookUp(ctx, due, now)
	if err != nil {
		return nil, fmt.Errorf("match requests: %w", err)
	}
	var done []decision
	err = s.store.InTx(ctx, func(tx Tx) error {
		done, mails, err = s.match(ctx, tx, decisions, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("match requests: %w", err)
	}
	s.countMatched(done)
	return mails, nil
}

// Queued is a reset with its delivery and, once it was matched, its account.
type Queued struct {
	Reset    Reset
	Delivery Delivery
	account  Account
}

func (s *Service) decide(r Reset, d Delivery, found []Account, now time.Time) decision {
	if !r.matchable(now) { // nobody looked in time
		r.withhold(&d, WithheldUnmatched)
		return decision{Queued: Queued{Reset: r, Delivery: d}}
	}
	own := s.first(found)
	q := decision{Queued: s.withAccount(r, d, own)}
	for _, a := range found {
		if a.ID != own.ID {
			next, delivery := r, d
			next.ID, delivery.ID = newID(), newID()
			delivery.ResetID, delivery.Attempts, delivery.NextAttemptAt = next.ID, 0, now
			q.further = append(q.further, s.withAccount(next, delivery, a))
		}
	}
	return q
}

func (s *Service) withAccount(r Reset, d Delivery, a Account) Queued {
	s.applyAccount(&r, &d, a)
	return Queued{r, d, a}
}

// match stores the decisions, and returns those that count: another worker may have been
// faster.
func (s *Service) match(ctx context.Context, tx Tx, decisions []decision, now time.Time) (done []decision, mails []Mail, err error) {
	if err := endUsedSince(ctx, tx, decisions, now); err != nil {
		return nil, nil, err
	}
	own := make([]Queued, len(decisions))
	for i, q := range decisions {
		own[i] = q.Queued
	}
	mine, err := tx.Match(ctx, own)
	if err != nil {
		return nil, nil, err
	}
	for _, q := range decisions {
		if !mine[q.Reset.ID] {
			continue // another worker matched it
		}
		done = append(done, q)
		for _, further := range q.further {
			if err := tx.Insert(ctx, further.Reset, further.Delivery); err != nil {
				return nil, nil, err
			}
		}
		if q.Delivery.Recipient != "" {
			mails = append(mails, s.matchedMail(q.Queued, len(q.further) > 0))
		}
	}
	return done, mails, nil
}

// endUsedSince ends the resets whose account used another link after their request.
func endUsedSince(ctx context.Context, tx Tx, decisions []decision, now time.Time) error {
	var users []string
	for i := range decisions {
		for _, m := range decisions[i].all() {
			if m.Reset.AccountState != "" {
				users = append(users, m.Reset.UserID)
			}
		}
	}
	used, err := tx.LastUses(ctx, users, now.Add(-2*MaxLifetime), now) // a later use means that the clock was set back
	if err != nil {
		return err
	}
	for i := range decisions {
		for _, m := range decisions[i].all() {
			if last, ok := used[m.Reset.UserID]; ok && m.Reset.AccountState != "" && last.After(m.Reset.CreatedAt) {
				m.Reset.RevokedAt, m.Reset.RevokedBy, m.Reset.Mail, m.Delivery.Recipient = now, RevokedOtherLink, "", ""
			}
		}
	}
	return nil
}

func (s *Service) matchedMail(m Queued, several bool) Mail {
	if m.Delivery.Kind == KindNoLink {
		return Mail{Delivery: m.Delivery, Reset: m.Reset, Account: m.account, Withheld: m.Reset.Withheld, Several: several, Now: s.now}
	}
	return s.linkMail(m, several)
}

func (s *Service) linkMail(m Queued, several bool) Mail {
	mail := Mail{
		Delivery: m.Delivery, Reset: m.Reset, Account: m.account, Several: several, Now: s.now,
		Token: s.keys.Token(PurposeResetLink, m.Reset.ID),
	}
	if m.Delivery.Kind == KindResetLink {
		mail.Denial = s.keys.Token(PurposeNotMyRequest, m.Reset.ID)
	}
	return mail
}
