package support

import (
	"context"
	"errors"
	"regexp"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// row is a reset in a list.
type row struct {
	ID        string
	At        time.Time
	Outcome   history.Outcome
	Mail      reset.MailState
	NoAccount bool // the address has no account; otherwise it was not looked up
	Email     string
	UserID    string
	UserPath  string
	AskedIP   string
	UsedIP    string
	Agent     string
}

var lineEnds = regexp.MustCompile(`@?[^@:]*:*`)

// Pieces splits an email or IP address where a line may break: before an @ and after
// a colon.
func (page) Pieces(address string) []string { return lineEnds.FindAllString(address, -1) }

func (s *support) rows(found []reset.Reset, now time.Time) []row {
	rows := make([]row, len(found))
	for i, r := range found {
		outcome, mail := became(r, now)
		rows[i] = row{
			ID: r.ID.String(), At: r.CreatedAt, Outcome: outcome, Mail: mail, NoAccount: r.Withheld == reset.WithheldNoAccount,
			Email: r.Email, UserID: r.UserID, UserPath: accountPath(r.UserID), AskedIP: r.CreatedByIP.String(), Agent: r.CreatedByAgent,
		}
		if r.UsedByIP.IsValid() {
			rows[i].UsedIP = r.UsedByIP.String()
		}
	}
	return rows
}

// became returns the outcome of a reset and, unless it is about the email, the state of
// the email beside it.
func became(r reset.Reset, now time.Time) (history.Outcome, reset.MailState) {
	switch outcome := history.OutcomeOf(r, now); outcome {
	case history.MailBounced, history.MailRefused, history.MailWaits:
		return outcome, ""
	default:
		return outcome, r.Mail
	}
}

// count returns the number of matches in words, such as "more than 1,000" if not all
// were counted. Of a search for a text that is exact or has a first day, it counts all and
// their addresses, if that does not take too long.
func (s *support) count(v visit, p page, q history.Search, found history.Page) (string, error) {
	n, all := found.Count, found.Count <= mostRows
	if countable(q) && n > 1 && !found.Stopped {
		q.Time = history.ListTime
		resets, addresses, err := s.History.Count(v.ctx(), q)
		switch {
		case err == nil && addresses > 1:
			return p.T("support_count_addresses", "Number", grouped(resets), "Addresses", grouped(addresses))
		case err == nil:
			n, all = resets, true
		case v.ctx().Err() != nil || !errors.Is(err, context.DeadlineExceeded):
			return "", err
		}
	}
	id := "support_count"
	switch {
	case !all:
		return p.T("support_count_many", "Number", grouped(mostRows))
	case found.Stopped:
		id = "support_count_so_far"
	}
	return p.T(id, "Count", n, "Number", grouped(n))
}

// countable reports whether all matches of a search are few enough to be counted, as a rule.
func countable(q history.Search) bool {
	return q.Exact() || !q.Since.IsZero() && (q.Network.IsValid() || q.Part != "")
}

// fill looks up the rows. On the first page it also counts them. On other pages it
// looks for one row more than it shows, to know whether there is a next page.
func (s *support) fill(v visit, view *searchView, readings []history.Reading, others history.Filter) (history.Page, error) {
	q := history.Search{Filter: others, Now: v.now, Rows: pageSize, Count: mostRows + 1, Time: history.MaxTime}
	from := s.Cursors.decode(v.Query("after"))
	first := from == nil || from.After == history.Position{}
	if !first {
		q.Count = pageSize + 1
	}
	kind, q, found, err := history.Find(v.ctx(), s.History, readings, q, from)
	if err != nil {
		return found, err
	}
	if first {
		if view.Count, err = s.count(v, view.page, q, found); err != nil {
			return found, err
		}
	} else {
		view.Newest = view.Query.with(v.Request.URL.EscapedPath(), "")
	}
	view.Kind, view.Rows = kind, s.rows(found.Resets, v.now)
	s.link(view, v.Request.URL.EscapedPath(), q, found)
	return found, nil
}

// link sets the URLs of the next page, of the continued search and of the exports.
func (s *support) link(view *searchView, path string, q history.Search, found history.Page) {
	to := func(path string, at history.Cursor) string { return view.shown.with(path, s.Cursors.encode(at)) }
	bound := q.From.Since
	if n := len(found.Resets); n > 0 && found.Count > n {
		view.Older = to(path, history.Cursor{After: history.PositionOf(found.Resets[n-1]), Since: bound})
	}
	switch {
	case found.Stopped && !found.Reached.IsZero():
		view.Further = to(path, history.Cursor{After: history.Position{CreatedAt: found.Reached}, Since: bound})
	case !found.Stopped && found.Older:
		view.Further = to(path, history.Cursor{After: history.Position{CreatedAt: bound}})
	}
	view.Stopped, view.Reached, view.Bound = found.Stopped, found.Reached, bound
	if history.Start(q.Filter, q.Now).Since.IsZero() {
		return // the search is exact or has a first day
	}
	view.AllTime = bound.IsZero()
	whole := history.Cursor{Since: bound}
	view.CSV, view.JSON = to("/support/resets.csv", whole), to("/support/resets.json", whole)
}
