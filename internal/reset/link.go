package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Link is a live link: its reset and its account.
type Link struct {
	Reset   Reset
	Account Account
}

// Verify returns the id in an encoded link token, or ErrNoLink. It needs no
// database.
func (s *Service) Verify(token string) (ID, error) {
	return s.keys.Verify(PurposeResetLink, token)
}

// Open records that a person or a mail scanner followed the link. It never ends a
// link. For a dead link it records a refusal and returns the reason as the error.
//
// If the fetch looks like that of a scanner, the event has the actor ActorScanner and
// the rule that matched, and the reset does not count as opened.
func (s *Service) Open(ctx context.Context, id ID, by Client, fetch Fetch) (Link, error) {
	now := s.now()
	link, err := s.liveLink(ctx, id, now)
	if err != nil {
		return Link{}, s.refuse(ctx, id, now, by, err)
	}
	e := Event{ResetID: id, At: now, Kind: EventOpened, Actor: ActorUser, IP: by.IP, Agent: by.Agent}
	since, err := sinceSent(ctx, s.store, id, now)
	if err != nil {
		return Link{}, fmt.Errorf("open link: %w", err)
	}
	if rule := looksLikeScanner(fetch, by.Agent, since); rule != "" {
		e.Actor, e.Detail = ActorScanner, fetch.storedRule(rule)
	}
	err = s.store.InBatch(ctx, func(tx Tx) error {
		if e.Actor == ActorUser {
			if err := tx.Opened(ctx, id, now, by); err != nil {
				return err
			}
		}
		return appendCounted(ctx, tx, e)
	})
	if err != nil {
		return Link{}, fmt.Errorf("open link: %w", err)
	}
	s.countOpened(e.Actor)
	return link, nil
}

// sinceSent returns how long ago a mail server accepted the link's email; below
// zero if none did.
func sinceSent(ctx context.Context, tx Tx, id ID, now time.Time) (time.Duration, error) {
	sent, err := tx.SentAt(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return -1, nil
	}
	return now.Sub(sent), err
}

// Show returns a live link for its form, and records nothing.
func (s *Service) Show(ctx context.Context, id ID) (Link, error) {
	return s.liveLink(ctx, id, s.now())
}

// Owner returns the account that a reset is for; zero if there is none any more.
func (s *Service) Owner(ctx context.Context, id ID) (Account, error) {
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return Account{}, fmt.Errorf("find owner: %w", err)
	}
	a, err := s.store.Account(ctx, r.UserID)
	if err = ignoreNotFound(err); err != nil {
		return Account{}, fmt.Errorf("find owner: %w", err)
	}
	return a, nil
}

// PasswordOf returns a keyed digest of the present password of a reset's account, or
// ErrNotFound if nobody can sign in to it: it is inactive, or there is none any more.
func (s *Service) PasswordOf(ctx context.Context, id ID) (string, error) {
	a, err := s.Owner(ctx, id)
	if err == nil && !a.Active {
		err = ErrNotFound
	}
	return s.keys.HashDigest(a.PasswordHash), err
}

// SameAccount reports whether two resets belong to one account.
func (s *Service) SameAccount(ctx context.Context, a, b ID) (bool, error) {
	rows, err := s.store.ResetsByID(ctx, []ID{a, b})
	if err != nil {
		return false, fmt.Errorf("compare resets: %w", err)
	}
	return rows[a].UserID != "" && rows[a].UserID == rows[b].UserID, nil
}

// liveLink returns the link if it can be used at now. It revokes a link whose account
// was deleted, deactivated or changed.
func (s *Service) liveLink(ctx context.Context, id ID, now time.Time) (Link, error) {
	r, err := s.store.Reset(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Link{}, ErrGone // purged, or from another installation with this key
	}
	if err != nil {
		return Link{}, fmt.Errorf("look up link: %w", err)
	}
	if err := r.dead(now); err != nil {
		return Link{}, err
	}
	a, err := s.linked(ctx, r)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Link{}, fmt.Errorf("look up account: %w", err)
	}
	gone := err != nil
	if err := s.finishClaims(ctx, a); err != nil {
		return Link{}, fmt.Errorf("look up claims: %w", err)
	}
	if gone || !s.unchanged(r, a) {
		return Link{}, s.revokeChanged(ctx, id, now)
	}
	return Link{r, a}, nil
}

// linked returns the account of a link, or ErrNotFound. find may have matched the
// second address of an account, and get returns the first.
func (s *Service) linked(ctx context.Context, r Reset) (Account, error) {
	a, err := s.store.Account(ctx, r.UserID)
	if err != nil || s.keys.SameState(r.AccountState, a) {
		return a, err
	}
	email, err := s.store.Recipient(ctx, r.ID)
	if err != nil || email == a.Email {
		return a, err
	}
	matched, err := addressed(ctx, s.store, r.UserID, email)
	if matched.ID == "" {
		return a, err
	}
	return matched, err
}

// unchanged reports whether the account is still as it was when the link was made,
// and may still have a link.
func (s *Service) unchanged(r Reset, a Account) bool {
	return s.Withholds(a) == "" && s.keys.SameState(r.AccountState, a)
}
