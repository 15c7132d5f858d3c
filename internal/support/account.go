package support

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/history"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	accountDays = 90  // the days that the chart of an account shows
	eventsMost  = 100 // the number of an account's events that are shown
)

type accountView struct {
	searchView
	UserID   string
	Stored   string // the account's current address; empty if the account was deleted
	Chart    chart
	Timeline []moment // newest first
}

// accountPath returns the path of an account's page; empty without an account.
func accountPath(id string) string {
	if id == "" {
		return ""
	}
	return "/support/accounts/" + url.PathEscape(id)
}

func (s *support) account(v visit) error {
	id := strings.TrimPrefix(v.Param("user_id"), "/") // an id may be any text and contain slashes
	if id == "" || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return web.ErrNoPage
	}
	if err := s.may(v, staff.ViewedUser, id); err != nil {
		return err
	}
	view := accountView{UserID: id}
	view.page = s.page(v)
	a, err := s.stored(v, id)
	if err != nil {
		return err
	}
	view.Stored = a.Email
	all := []history.Reading{{Kind: history.User, Filter: history.Filter{UserID: id}}}
	if err := s.fill(v, &view.searchView, all, history.Filter{}); err != nil {
		return err
	}
	events, err := s.History.EventsOf(v.ctx(), id, eventsMost)
	if err != nil {
		return err
	}
	view.Timeline = accountTimeline(events)
	if view.Chart, err = s.accountChart(v, id, view.page); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_account.html", view)
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
