package support

import (
	"math"
	"sync"
	"time"

	"resetd/internal/history"
	"resetd/internal/staff"
	"resetd/internal/web"
)

type overviewView struct {
	page
	Period  period
	Presets []string
	Figures []figure
	Funnel  []figure
	Reasons []figure // each failed request is in one of these
	Failed  figure
	Open    figure   // not over yet
	Others  []figure // what else is known; such requests are in Reasons, too
	Charts  []chart
	Cut     bool // the lists cover only the last days of the period
	Checks  bool // callers are verified
	Audit   string

	listed string // the first day of the lists
	lists  func() (overviewLists, error)
	parts  *web.Parts
	log    func(error)
}

// overviewLists is the part of the page that is counted while its beginning is already
// shown.
type overviewLists struct {
	history.Lists
	Skipped int // links that were sent although the caller was not verified
	Failed  bool
}

// Lists sends the page up to here, and counts the lists.
func (view overviewView) Lists() overviewLists {
	view.parts.Send()
	lists, err := view.lists()
	if lists.Failed = err != nil; lists.Failed {
		view.log(err)
	}
	return lists
}

// ListOf returns the URL of the resets that a number of the lists counts.
func (view overviewView) ListOf(text, status string) string {
	return view.Period.list(view.listed, view.Period.Last, text, status)
}

func (s *support) overview(v visit) error {
	p, wrong := periodOf(v.Request.URL.Query(), v.now, zone(v.Context))
	if err := s.may(v, staff.ViewedTotals, p.First+" to "+p.Last); err != nil {
		return err
	}
	view := overviewView{page: s.page(v), Period: p, Presets: presets}
	if err := view.refuseAll(wrong); err != nil {
		return err
	}
	hours, err := s.History.Hours(v.ctx(), p.before.Truncate(time.Hour), p.until(), v.now)
	if err != nil {
		return err
	}
	days, before := p.sum(hours, v.now)
	var sum history.Sums
	for _, d := range days {
		sum = sum.Add(d)
	}
	if sum.Open, err = s.open(v, p.since(), p.until()); err != nil {
		return err
	}
	if before.Open, err = s.open(v, p.before, p.end(v.now)); err != nil {
		return err
	}
	if err := view.fill(sum, before); err != nil {
		return err
	}
	if view.Charts, err = view.charts(days, hours); err != nil {
		return err
	}
	s.lists(v, &view)
	return view.parts.HTML(s.Renderer, "support_overview.html", view)
}

// open counts the requests of a span that are neither used nor over.
func (s *support) open(v visit, since, until time.Time) (int, error) {
	found, err := s.History.Page(v.ctx(), history.Search{Filter: history.Filter{Status: history.StillOpen, Since: since, Until: until}, Now: v.now, Count: math.MaxInt32})
	return found.Count, err
}

// Running reports whether today is in the period.
func (view overviewView) Running() bool { return view.Period.running(view.now) }

// lists prepares what is counted from the rows, and the skipped checks.
func (s *support) lists(v visit, view *overviewView) {
	p := view.Period
	first := max(0, p.Count-history.ListDays)
	since := p.days[first]
	view.Cut, view.listed = first > 0, p.dayName(first)
	view.Checks = s.Staff.Checks() != staff.ChecksOff
	if view.May(staff.ViewedAudit) {
		view.Audit = activityQuery{What: string(staff.Unverified), Since: p.First, Until: p.Last, Zone: p.Zone}.with(activityPath, "")
	}
	view.parts, view.log = web.NewParts(v.Context), func(err error) { _ = v.Error(err) }
	view.lists = sync.OnceValues(func() (found overviewLists, err error) {
		if found.Lists, err = s.History.Lists(v.ctx(), since, p.until()); err == nil {
			found.Skipped, err = s.Staff.Unverified(v.ctx(), p.since(), p.until())
		}
		return found, err
	})
}

// end returns the end of the period before, for the comparison.
func (p period) end(now time.Time) time.Time {
	if p.running(now) {
		return p.before.Add(now.Sub(p.since()))
	}
	return p.since()
}

// sum returns the sums of each day of the period, and those of the period before. If
// today is in the period, the period before ends at the same hour.
func (p period) sum(hours []history.HourSums, now time.Time) (days []history.Sums, before history.Sums) {
	days = make([]history.Sums, p.Count)
	end := p.end(now)
	for _, h := range hours {
		if h.Hour.Before(p.since().Truncate(time.Hour)) {
			if h.Hour.Before(end) {
				before = before.Add(h.Sums)
			}
			continue
		}
		if i := max(0, p.dayOf(h.Hour)); i < p.Count {
			days[i] = days[i].Add(h.Sums)
		}
	}
	return days, before
}
