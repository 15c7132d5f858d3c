package reset

import (
	"context"
	"time"
)

// Rescue is what a "this wasn't me" did that came from the notice of a new password.
type Rescue struct {
	Ended bool // the password of that time is useless
	Link  bool // the owner gets a link
	Over  bool // there was a link, which has ended or whose email failed; if neither, only support can help
}

// rescued returns what the "this wasn't me" of a notice did, or ErrRescued if the
// account got another password since: what it did then is not true any more.
func (s *Service) rescued(ctx context.Context, id ID, now time.Time) (Rescue, error) {
	notice, err := s.store.Delivery(ctx, id)
	if err == nil {
		err = s.refuseOutdated(ctx, notice)
	}
	if err != nil {
		return Rescue{}, err
	}
	r, err := s.store.Reset(ctx, notice.RescueID)
	if ignoreNotFound(err) != nil {
		return Rescue{}, err
	}
	a, err := s.rescuedAccount(ctx, notice, r)
	if ignoreNotFound(err) != nil {
		return Rescue{}, err
	}
	deleted := err != nil
	link := r.AccountState != "" && s.withheld(a) == "" // an account that was closed since gets none
	if link && !s.unchanged(r, a) {
		if r, err = s.newerRescue(ctx, a); err != nil {
			return Rescue{}, err
		}
	}
	works := r.Alive(now) && r.Mail != MailFailed
	return Rescue{Ended: deleted || s.passwords.Usable(a.PasswordHash), Link: link && works, Over: link && !works}, nil
}

// refuseOutdated returns ErrRescued if the account got another password after a notice or
// its "this wasn't me".
func (s *Service) refuseOutdated(ctx context.Context, notice Delivery) error {
	since, err := s.store.RescuedSince(ctx, notice.UserID, notice.CreatedAt)
	if err == nil && !since && !notice.DeniedAt.IsZero() {
		since, err = s.store.PasswordSetSince(ctx, notice.UserID, notice.DeniedAt)
	}
	if err == nil && since {
		return ErrRescued
	}
	return err
}

// newerRescue returns the rescue that followed the "this wasn't me" of another notice, or
// ErrRescued if the application itself changed the account.
func (s *Service) newerRescue(ctx context.Context, a Account) (Reset, error) {
	r, err := s.store.LatestRescue(ctx, a.ID)
	if err = ignoreNotFound(err); err == nil && !s.unchanged(r, a) {
		err = ErrRescued
	}
	return r, err
}

// rescuedAccount returns the account of a notice, as its rescue link sees it if there
// is one.
func (s *Service) rescuedAccount(ctx context.Context, notice Delivery, link Reset) (Account, error) {
	if link.AccountState != "" {
		return s.linked(ctx, link)
	}
	return s.store.Account(ctx, notice.UserID)
}
