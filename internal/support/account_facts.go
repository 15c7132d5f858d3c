package support

import (
	"errors"

	"resetd/internal/history"
	"resetd/internal/limit"
	"resetd/internal/reset"
)

const (
	newestMost = 20   // how many of the newest resets the situation is drawn from
	recentMost = 1000 // the limit of the count of recent requests
)

// header sets what is known about the account itself.
func (s *support) header(v visit, view *accountView) error {
	view.NoLink = s.Accounts.Withholds(view.Account)
	if view.Account.ID == "" {
		return nil
	}
	canonical := reset.Canonical(view.Account.Email)
	locks, again, err := s.Limits.Locks(v.ctx(), canonical, limit.Users(reset.Normal(view.Account.Email), canonical)...)
	if err != nil {
		return err
	}
	view.Locks, view.again = locks, again
	if len(locks) > 0 {
		locked, err := s.History.LastEvent(v.ctx(), view.UserID, reset.EventLocked)
		if err != nil {
			return err
		}
		if locked.IP.IsValid() {
			view.LockedFrom = locked.IP.String()
		}
	}
	created, e := s.Accounts.Created(v.ctx(), view.UserID)
	signedIn, err := s.History.LastEvent(v.ctx(), view.UserID, reset.EventSignedIn)
	view.Created, view.LastSignIn = whenOf(view.page, created), whenOf(view.page, signedIn.At)
	return errors.Join(e, err, s.sessions(v, view))
}

// situation sets the sentence about how things stand.
func (s *support) situation(v visit, view *accountView) (err error) {
	now := history.Present{Again: view.again}
	if now.Asked, err = s.History.CountAsked(v.ctx(), view.person, v.now.Add(-history.Recently), recentMost); err != nil {
		return err
	}
	if now.Newest, err = s.History.NewestResets(v.ctx(), view.person, newestMost); err != nil {
		return err
	}
	changed, err := s.History.LastEvent(v.ctx(), view.UserID, history.ChangedBy...)
	if err != nil {
		return err
	}
	if now.Check, err = s.Staff.Check(v.ctx(), view.UserID); err != nil {
		return err
	}
	for _, lock := range view.Locks {
		if lock.Until.After(now.Locked) {
			now.Locked = lock.Until
		}
	}
	now.Changed, view.newest = changed.Event, now.Newest
	if view.Situation, err = joined(view.page, now.Situation(v.now)); err != nil || now.Asked > 0 {
		return err
	}
	return s.inVain(v, view)
}
