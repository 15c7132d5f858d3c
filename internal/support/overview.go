package support

import (
	"strings"
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
	Reasons []figure
	Charts  []chart
	Cut     bool // the lists cover only the last days of the period
	Skipped int  // links that were sent although the caller was not verified
	Checks  bool // callers are verified
	Audit   string

	lists func() (history.Lists, error)
	parts *web.Parts
	log   func(error)
}

// overviewLists is the part of the page that is counted while its beginning is already
// shown.
type overviewLists struct {
	history.Lists
	Failed bool
}

// Lists sends the page up to here, and counts the lists.
func (view overviewView) Lists() overviewLists {
	view.parts.Send()
	lists, err := view.lists()
	if err != nil {
		view.log(err)
	}
	return overviewLists{lists, err != nil}
}

// figure is a number of the period, and of the one before.
type figure struct {
	Text   string
	Value  string
	Change string // in comparison with the period before; empty if there is none
	Share  string // of all requests
	Width  int    // of its bar, in percent
	Path   string // of its list; empty if there is none
}

func (s *support) overview(v visit) error {
	p, wrong := periodOf(v.Request.URL.Query(), v.now, zone(v.Context))
	if err := s.may(v, staff.ViewedTotals, p.First+" to "+p.Last); err != nil {
		return err
	}
	view := overviewView{page: s.page(v), Period: p, Presets: presets}
	for _, w := range wrong {
		if err := view.Refuse(w.Field, w.ID, "Value", w.Value); err != nil {
			return err
		}
	}
	hours, err := s.History.Hours(v.ctx(), p.before.Truncate(time.Hour), p.until(), v.now)
	if err != nil {
		return err
	}
	days, before := p.sum(hours, v.now)
	if err := view.fill(days, before); err != nil {
		return err
	}
	if view.Charts, err = view.charts(days, hours); err != nil {
		return err
	}
	if err := s.skipped(v, &view); err != nil {
		return err
	}
	s.lists(v, &view)
	return view.parts.HTML(s.Renderer, "support_overview.html", view)
}

// lists prepares what is counted from the rows.
func (s *support) lists(v visit, view *overviewView) {
	p := view.Period
	since := p.since()
	if from := p.until().AddDate(0, 0, -history.ListDays); from.After(since) {
		since, view.Cut = from, true
	}
	view.parts, view.log = web.NewParts(v.Context), func(err error) { _ = v.Error(err) }
	view.lists = sync.OnceValues(func() (history.Lists, error) { return s.History.Lists(v.ctx(), since, p.until()) })
}

// skipped sets how often a link was sent without verifying the caller.
func (s *support) skipped(v visit, view *overviewView) (err error) {
	p := view.Period
	view.Checks = s.Staff.Checks() != staff.ChecksOff
	if view.May(staff.ViewedAudit) {
		view.Audit = activityQuery{What: string(staff.Unverified), Since: p.First, Until: p.Last, Zone: p.Zone}.with(activityPath, "")
	}
	view.Skipped, err = s.Staff.Unverified(v.ctx(), p.since(), p.until())
	return err
}

// sum returns the sums of each day of the period, and those of the period before. If the
// period is not over yet, the period before ends at the same hour.
func (p period) sum(hours []history.HourSums, now time.Time) (days []history.Sums, before history.Sums) {
	days = make([]history.Sums, p.Count)
	end := p.since()
	if now.Before(p.until()) {
		end = p.before.Add(now.Sub(p.since()))
	}
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

// fill sets the figures.
func (view *overviewView) fill(days []history.Sums, before history.Sums) error {
	var sum history.Sums
	for _, d := range days {
		sum = sum.Add(d)
	}
	steps := []struct {
		id, status string
		of         func(history.Sums) int
	}{
		{"support_asked", "", func(s history.Sums) int { return s.Requested }},
		{"support_sent", string(history.MailSent), history.Sums.Sent},
		{"support_delivered", string(history.MailReceived), history.Sums.Delivered},
		{"support_opened", string(history.WasOpened), func(s history.Sums) int { return s.Opened }},
		{"support_used", "used", func(s history.Sums) int { return s.Used }},
	}
	for _, step := range steps {
		f, err := view.figure(step.id, step.status, step.of(sum), step.of(before))
		if err != nil {
			return err
		}
		f.Share, f.Width = percent(step.of(sum), sum.Requested), step.of(sum)*100/max(1, sum.Requested)
		view.Funnel = append(view.Funnel, f)
		if step.id != "support_sent" {
			view.Figures = append(view.Figures, f)
		}
	}
	for _, r := range reasons() {
		f, err := view.figure(r.id, r.status, r.of(sum), r.of(before))
		if err != nil {
			return err
		}
		f.Share = percent(r.of(sum), sum.Requested)
		view.Reasons = append(view.Reasons, f)
	}
	return view.times(sum, before)
}

// reason is why requests ended without a new password.
type reason struct {
	id, status string
	of         func(history.Sums) int
}

func reasons() (all []reason) {
	for _, why := range history.Reasons {
		all = append(all, reason{"reason_" + string(why), string(why), func(s history.Sums) int { return s.Withheld(why) }})
	}
	return append(all,
		reason{"status_mail_failed", string(history.MailFailed), func(s history.Sums) int { return s.MailFailed }},
		reason{"status_mail_bounced", string(history.MailReturned), func(s history.Sums) int { return s.MailBounced }},
		reason{"status_mail_unknown", string(history.MailUnknown), func(s history.Sums) int { return s.MailUnknown }},
		reason{"status_revoked", "revoked", func(s history.Sums) int { return s.Revoked }},
	)
}

func (view *overviewView) figure(id, status string, now, before int) (f figure, err error) {
	f = figure{Value: grouped(now), Path: view.Period.list(view.Period.First, view.Period.Last, status)}
	if f.Text, err = view.T(id); err != nil {
		return f, err
	}
	f.Change, err = view.change(now, before)
	return f, err
}

// change compares a number with that of the period before.
func (view *overviewView) change(now, before int) (string, error) {
	switch {
	case before == 0 && now == 0:
		return "", nil
	case before == 0:
		return view.T("support_none_before")
	case now == before:
		return view.T("support_as_before")
	}
	change := percent(now-before, before)
	if now > before {
		change = "+" + change
	}
	return view.T("support_change", "Change", strings.Replace(change, "-", "−", 1), "Before", grouped(before))
}

// times adds in which time half of the links were used, and nine in ten.
func (view *overviewView) times(sum, before history.Sums) error {
	for _, t := range []struct {
		id      string
		percent int
	}{{"support_used_half", 50}, {"support_used_most", 90}} {
		f := figure{Value: "–"}
		var err error
		if f.Text, err = view.T(t.id); err != nil {
			return err
		}
		if within := sum.UsedIn(t.percent); within > 0 {
			if f.Value, err = view.Duration(within); err != nil {
				return err
			}
		}
		if within := before.UsedIn(t.percent); within > 0 {
			text, err := view.Duration(within)
			if err != nil {
				return err
			}
			if f.Change, err = view.T("support_time_before", "Before", text); err != nil {
				return err
			}
		}
		view.Figures = append(view.Figures, f)
	}
	return nil
}
