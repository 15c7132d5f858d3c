package support

import (
	"cmp"
	"net/http"
	"slices"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

const (
	pageSize = 25     // about what a screen shows
	mostRows = 10_000 // that are counted; above it a page says "10,000+"
)

type searchView struct {
	page
	Query   query
	Kind    history.Kind // what the text was read as
	Rows    []row
	Count   string
	Older   string // address of the next page; empty on the last
	Newest  string // address of the first page; empty there
	CSV     string
	JSON    string
	Choices []choice
	Unread  bool

	Narrowed bool // more than the text restricts
}

// choice is an option of the filter by status.
type choice struct {
	Value, Text string
	Picked      bool
}

func (s *support) search(v visit) error {
	q, broken := asked(v.Request)
	if err := s.may(v, staff.Searched, target(v, q, broken)); err != nil {
		return err
	}
	others, wrong := q.filter()
	shown := q.without(wrong)
	view := searchView{page: s.page(v), Query: q, CSV: shown.with("/support/resets.csv", ""), JSON: shown.with("/support/resets.json", ""), Narrowed: shown.narrowed()}
	for _, w := range wrong {
		if err := view.Refuse(w.Field, w.ID, "Value", w.Value); err != nil {
			return err
		}
	}
	readings, err := history.Readings(q.Text)
	if err = cmp.Or(broken, err); err != nil {
		view.Unread = true
		if err := view.Refuse("q", "support_misread_text", "Why", err.Error()); err != nil {
			return err
		}
		return s.showSearch(v, http.StatusUnprocessableEntity, view)
	}
	if err := s.fill(v, &view, readings, others); err != nil {
		return err
	}
	return s.showSearch(v, http.StatusOK, view)
}

// fill looks the rows up, one more than are shown: it tells whether there are
// older ones.
func (s *support) fill(v visit, view *searchView, readings []history.Reading, others history.Filter) error {
	after := s.Cursors.decode(v.Query("after"))
	reading, rows, err := history.Find(v.ctx(), s.History, readings, others, v.now, after, pageSize+1)
	if err != nil {
		return err
	}
	n := len(rows)
	if n > pageSize || after != (history.Position{}) { // else these are all
		if n, err = s.History.Count(v.ctx(), reading.Filter, v.now, mostRows); err != nil {
			return err
		}
	}
	if view.Count, err = count(view.page, n); err != nil {
		return err
	}
	view.Kind = reading.Kind
	if after != (history.Position{}) {
		view.Newest = view.Query.with(v.Request.URL.EscapedPath(), "")
	}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		view.Older = view.Query.with(v.Request.URL.EscapedPath(), s.Cursors.encode(rows[pageSize-1].Position()))
	}
	view.Rows = s.rows(rows, v.now)
	return nil
}

func (s *support) showSearch(v visit, status int, view searchView) (err error) {
	if view.Choices, err = choices(view.page, view.Query.Status); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, status, "support_search.html", view)
}

// choices are the statuses, and below withheld its reasons.
func choices(p page, picked string) (all []choice, err error) {
	add := func(value string) {
		text, e := statusWord(p, value)
		if e != nil {
			err = e
		}
		all = append(all, choice{value, text, value == picked})
	}
	for _, status := range history.Statuses {
		add(string(status))
	}
	for _, reason := range history.Reasons {
		add(string(reason))
	}
	return all, err
}

// statusWord says a status, or withheld with its reason.
func statusWord(p page, value string) (string, error) {
	if !slices.Contains(history.Reasons, reset.Withheld(value)) {
		return p.T("status_" + value)
	}
	reason, err := p.T("reason_" + value)
	if err != nil {
		return "", err
	}
	return p.T("support_withheld_for", "Reason", reason)
}
