package support

import (
	"context"
	"errors"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// accountEvents is what people did in their accounts from an IP address or a network.
type accountEvents struct {
	Shown bool // the search is for one, and for no more than a day
	Days  bool // the search names days
	Slow  bool // they could not be read in time
	More  bool
	Found []accountEvent
}

// accountEvent is the newest event of a kind in an account.
type accountEvent struct {
	When                         when
	Text, Path, Email, IP, Agent string
}

const (
	mostEvents = 20
	longestDay = 25 * time.Hour // when the clocks go back
)

// accountEvents sets what happened in accounts from the network that is searched for: on
// the day of the search, or in the last 24 hours. The resets do not show who got in.
func (s *support) accountEvents(v visit, view *searchView, r history.Reading, others history.Filter) error {
	in := history.Span{Since: others.Since, Until: others.Until}
	if in == (history.Span{}) {
		in.Since = v.now.AddDate(0, 0, -1)
	}
	long := in.Since.IsZero() || !in.Until.IsZero() && in.Until.Sub(in.Since) > longestDay || in.Until.IsZero() && v.now.Sub(in.Since) > longestDay
	if !s.Builtin || !r.Filter.Network.IsValid() || view.Query.Status != "" || v.Query("after") != "" || long {
		return nil
	}
	view.Events.Shown, view.Events.Days = true, !others.Since.IsZero() || !others.Until.IsZero()
	ctx, cancel := context.WithTimeout(v.ctx(), history.ListTime)
	defer cancel()
	found, err := s.History.EventsFrom(ctx, r.Filter.Network, in, mostEvents+1)
	if view.Events.Slow = err != nil && ctx.Err() != nil && v.ctx().Err() == nil; view.Events.Slow {
		return nil
	}
	if err != nil {
		return err
	}
	if view.Events.More = len(found) > mostEvents; view.Events.More {
		found = found[:mostEvents]
	}
	for _, e := range found {
		one, err := s.accountEvent(v, view.page, e)
		if err != nil {
			return err
		}
		view.Events.Found = append(view.Events.Found, one)
	}
	return nil
}

// accountEvent names the account of an event by its address or, if that can't be read, by
// its id.
func (s *support) accountEvent(v visit, p page, e history.Event) (accountEvent, error) {
	m := happened(e.Event)
	text, err := p.T("happened_" + m.Word)
	a, missing := s.Accounts.Account(v.ctx(), e.UserID)
	if missing != nil && !errors.Is(missing, reset.ErrNotFound) && !errors.Is(missing, reset.ErrAccounts) && !errors.Is(missing, reset.ErrUnavailable) {
		return accountEvent{}, missing
	}
	if a.Email == "" {
		a.Email = e.UserID
	}
	return accountEvent{p.When(e.At), text, accountPath(e.UserID), a.Email, m.IP, m.Agent}, err
}
