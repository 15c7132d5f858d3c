package support

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"resetd/internal/staff"
)

type auditView struct {
	page
	Entries []auditLine
	Older   string
}

// auditLine is an entry as the page shows it.
type auditLine struct {
	staff.Entry
	About string // what it was about, in words
	Path  string // where that is; empty where it has no page
}

func (s *support) audit(v visit) error {
	if err := s.may(v, staff.ViewedAudit, ""); err != nil {
		return err
	}
	before, err := strconv.ParseInt(v.Query("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0 // from the newest on
	}
	entries, err := s.Staff.Audit(v.ctx(), before, pageSize+1)
	if err != nil {
		return err
	}
	view := auditView{page: s.page(v)}
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		view.Older = "/support/audit?before=" + strconv.FormatInt(entries[pageSize-1].ID, 10)
	}
	for _, e := range entries {
		l, err := line(view.page, e)
		if err != nil {
			return err
		}
		view.Entries = append(view.Entries, l)
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_audit.html", view)
}

// target is a search as it is kept: in one order, or as it came where it can't be
// read.
func target(v visit, q query, broken error) string {
	if broken != nil {
		return v.Request.URL.EscapedPath() + "?" + v.Request.URL.RawQuery
	}
	return q.with(v.Request.URL.EscapedPath(), "")
}

// line says what an entry was about, and leads there.
func line(p page, e staff.Entry) (l auditLine, err error) {
	l = auditLine{Entry: e, About: e.Target}
	switch e.Action {
	case staff.ViewedReset, staff.SentLink, staff.Revoked:
		l.Path = "/support/resets/" + url.PathEscape(e.Target)
	case staff.ViewedUser:
		l.Path = accountPath(e.Target)
	case staff.Searched, staff.Exported:
		_, search, _ := strings.Cut(e.Target, "?")
		values, broken := url.ParseQuery(search)
		if broken != nil { // it was not whole, or too long to keep: what there is of it
			return l, nil //nolint:nilerr // which is what the page says
		}
		q := readQuery(values)
		l.Path = q.with("/support", "")
		l.About, err = inWords(p, q)
	default: // members and days have no page
	}
	return l, err
}

// inWords says what was searched for.
func inWords(p page, q query) (string, error) {
	if q == (query{}) {
		return p.T("support_everything")
	}
	parts := []string{q.Text}
	if q.Status != "" {
		status, err := statusWord(p, q.Status)
		if err != nil {
			status = q.Status // no message has this name
		}
		parts = append(parts, status)
	}
	for _, day := range []struct{ id, value string }{{"support_about_since", q.Since}, {"support_about_until", q.Until}} {
		if day.value == "" {
			continue
		}
		text, err := p.T(day.id, "Day", day.value)
		if err != nil {
			return "", err
		}
		parts = append(parts, text)
	}
	return strings.TrimPrefix(strings.Join(parts, ", "), ", "), nil
}
