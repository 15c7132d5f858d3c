package support

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/history"
	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// accountDays are the days that the chart of an account shows.
const accountDays = 90

type accountView struct {
	searchView
	UserID      string
	UserPath    string
	Stored      string // the account's current address; empty if the account was deleted
	Chart       chart
	Locks       []limit.Lock // of its sign-in, at the moment
	Events      []moment     // newest first
	EarlierPath string       // of the page with earlier events; empty if there are none
	ActionsOn   []staff.Entry
	Done        string // the member's last action, as in the catalogue
	Reason      string // as typed
}

// accountPath returns the path of an account's page; empty without an account.
func accountPath(id string) string {
	if id == "" {
		return ""
	}
	return "/support/accounts/" + url.PathEscape(id)
}

// accountID returns the id in the path. It may be any text and contain slashes.
func accountID(v visit) (string, error) {
	id := strings.TrimPrefix(v.Param("user_id"), "/")
	if id == "" || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return "", web.ErrNoPage
	}
	return id, nil
}

func (s *support) account(v visit) error {
	id, err := accountID(v)
	if err != nil {
		return err
	}
	if err := s.may(v, staff.ViewedUser, id); err != nil {
		return err
	}
	view, err := s.accountView(v, id)
	if err != nil {
		return err
	}
	if len(view.ActionsOn) > 0 && v.Query("done") == "unlocked" && view.ActionsOn[0].Member == v.member.Name {
		view.Done = "support_done_unlocked" // reported only to the member who did it
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_account.html", view)
}

func (s *support) accountView(v visit, id string) (view accountView, err error) {
	view.UserID, view.UserPath, view.page = id, accountPath(id), s.page(v)
	a, err := s.stored(v, id)
	if err != nil {
		return view, err
	}
	if view.Stored = a.Email; a.ID != "" {
		if view.Locks, err = s.Limits.Locks(v.ctx(), limit.User(reset.Canonical(a.Email))); err != nil {
			return view, err
		}
	}
	if err := s.accountEvents(v, &view); err != nil {
		return view, err
	}
	if view.ActionsOn, err = s.Staff.ActionsOn(v.ctx(), id, actionsMost); err != nil {
		return view, err
	}
	all := []history.Reading{{Kind: history.User, Filter: history.Filter{UserID: id}}}
	if err := s.fill(v, &view.searchView, all, history.Filter{}); err != nil {
		return view, err
	}
	view.Chart, err = s.accountChart(v, id, view.page)
	return view, err
}

// accountEvents adds one page of the account's own events.
func (s *support) accountEvents(v visit, view *accountView) error {
	before, err := strconv.ParseInt(v.Query("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0 // start with the newest
	}
	events, err := s.History.EventsOf(v.ctx(), view.UserID, history.EventSearch{Before: before, Rows: pageSize + 1})
	if err != nil {
		return err
	}
	if len(events) > pageSize {
		events = events[:pageSize]
		view.EarlierPath = view.UserPath + "?before=" + strconv.FormatInt(events[pageSize-1].ID, 10)
	}
	for _, e := range events {
		m := happened(e.Event)
		if e.Actor != reset.ActorUser {
			m.By = e.Actor
		}
		if e.ResetID != (reset.ID{}) {
			m.Denied = e.ResetID.String()
		}
		view.Events = append(view.Events, m)
	}
	return nil
}

func (s *support) accountChart(v visit, id string, p page) (chart, error) {
	since := midnight(v.now).AddDate(0, 0, 1-accountDays)
	found, err := s.History.DaysOf(v.ctx(), id, since)
	if err != nil {
		return chart{}, err
	}
	counts := map[time.Time]int{}
	for _, d := range found {
		counts[d.Day] = d.Requested
	}
	title, err := p.T("support_account_chart", "Days", accountDays)
	if err != nil {
		return chart{}, err
	}
	return newChart(p, title, since, v.now, counts)
}
