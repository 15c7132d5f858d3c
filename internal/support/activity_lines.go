package support

import (
	"net/url"
	"strings"

	"resetd/internal/staff"
)

// auditLine is an entry on the page.
type auditLine struct {
	staff.Entry
	About string // the target in words
	Path  string // of the target's page; empty if it has none
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
	case staff.ViewedUser, staff.Unlocked, staff.SentLinkTo, staff.MailedCode, staff.TypedCode, staff.RevokedAll, staff.Noted, staff.EndedSessions,
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
	case staff.ViewedAudit, staff.ExportedAudit:
		values, broken := url.ParseQuery(e.Target)
		if e.Target == "" || broken != nil {
			return l, nil //nolint:nilerr // the page shows it unchanged
		}
		q := readActivity(values)
		l.Path, l.About = q.with(activityPath, ""), q.inWords(p)
	case staff.AddedMember, staff.DisabledMember, staff.EnabledMember, staff.ChangedRole, staff.MadeLink, staff.UsedLink,
		staff.ChangedPassword, staff.IssuedTOTP, staff.ViewedMembers, staff.ChangedOwnPassword, staff.ChangedOwnTOTP:
		if name, _, _ := strings.Cut(e.Target, " "); name != "" {
			l.Path = memberPath(name)
		}
	default: // days and ages have no page
	}
	return l, err
}

// inWords describes a search.
func inWords(p page, q query) (string, error) {
	if q == (query{}) {
		return p.T("support_everything")
	}
	status, err := statusWord(p, q.Status)
	if err != nil {
		status = q.Status // there is no text for this status
	}
	return together(append([]string{q.Text, status}, p.daysInWords(q.Since, q.Until)...)), nil
}

// daysInWords describes the days of a search; an empty text for none.
func (p page) daysInWords(since, until string) []string {
	words := []string{since, until}
	for i, id := range []string{"support_about_since", "support_about_until"} {
		if text, err := p.T(id, "Day", words[i]); err == nil && words[i] != "" {
			words[i] = text
		}
	}
	return words
}
