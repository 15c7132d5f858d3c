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

// auditLine is an entry on the page.
type auditLine struct {
	staff.Entry
	About string // the target in words
	Path  string // of the target's page; empty if it has none
}

func (s *support) audit(v visit) error {
	if err := s.may(v, staff.ViewedAudit, ""); err != nil {
		return err
	}
	before, err := strconv.ParseInt(v.Query("before"), 10, 64)
	if err != nil || before < 0 {
		before = 0 // start with the newest
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

// target returns the search for the audit: with its parameters in a fixed order, or
// unchanged if it can't be parsed.
func target(v visit, q query, broken error) string {
	if broken != nil {
		return v.Request.URL.EscapedPath() + "?" + v.Request.URL.RawQuery
	}
	return q.with(v.Request.URL.EscapedPath(), "")
}

// line returns an entry with its target in words and the path of the target.
func line(p page, e staff.Entry) (l auditLine, err error) {
	l = auditLine{Entry: e, About: e.Target}
	switch e.Action {
	case staff.ViewedReset, staff.SentLink, staff.Revoked:
		l.Path = "/support/resets/" + url.PathEscape(e.Target)
	case staff.ViewedUser, staff.Unlocked, staff.SentLinkTo, staff.RevokedAll, staff.Noted, staff.EndedSessions,
		staff.AddedUser, staff.SetUserPassword, staff.DisabledUser, staff.EnabledUser:
		l.Path = accountPath(e.Target)
	case staff.Searched, staff.Exported, staff.FoundPerson:
		path, search, _ := strings.Cut(e.Target, "?")
		if e.Action == staff.FoundPerson && path != "/support" { // a page, not a search
			l.Path = accountPath(e.Target)
			return l, nil
		}
		values, broken := url.ParseQuery(search)
		if broken != nil { // the search was incomplete, or cut off because it was too long
			return l, nil //nolint:nilerr // the page shows the rest unchanged
		}
		q := readQuery(values)
		l.Path = q.with("/support", "")
		l.About, err = inWords(p, q)
	default: // members, days and ages have no page
	}
	return l, err
}

// inWords describes a search.
func inWords(p page, q query) (string, error) {
	if q == (query{}) {
		return p.T("support_everything")
	}
	parts := []string{q.Text}
	if q.Status != "" {
		status, err := statusWord(p, q.Status)
		if err != nil {
			status = q.Status // there is no text for this status
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
