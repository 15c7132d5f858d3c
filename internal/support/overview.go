package support

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

// spans are the days that an overview can show, and usual is what it shows
// unless asked.
var spans = []int{7, usual, 90}

const usual = 30

type overviewView struct {
	page
	Span     int
	Spans    []int
	Charts   []chart
	Overview history.Overview
	Reasons  []reset.Withheld
	Sum      history.DaySum
	Used     string // median time from asking to using, in words; empty where none was used
	Looked   int    // how many of the newest the median and the lists look at, where that is not all
}

func (s *support) overview(v visit) error {
	span := usual
	for _, days := range spans {
		if v.Query("days") == strconv.Itoa(days) {
			span = days
		}
	}
	if err := s.may(v, staff.ViewedTotals, strconv.Itoa(span)+" days"); err != nil {
		return err
	}
	since := midnight(v.now).AddDate(0, 0, 1-span)
	found, err := s.History.Overview(v.ctx(), since, v.now)
	if err != nil {
		return err
	}
	slices.Reverse(found.Days) // the newest is what people look for
	view := overviewView{page: s.page(v), Span: span, Spans: spans, Overview: found, Reasons: history.Reasons, Sum: total(found.Days)}
	if view.Charts, err = overviewCharts(view.page, since, v.now, found.Days); err != nil {
		return err
	}
	if view.Sum.Asked > history.Looked {
		view.Looked = history.Looked
	}
	if found.Used > 0 {
		if view.Used, err = view.Duration(max(found.Used.Round(time.Minute), time.Minute)); err != nil {
			return err
		}
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_overview.html", view)
}

func total(days []history.DaySum) history.DaySum {
	sum := history.DaySum{Withheld: map[reset.Withheld]int{}}
	for _, d := range days {
		sum.Asked += d.Asked
		sum.Delivered += d.Delivered
		sum.Opened += d.Opened
		sum.Used += d.Used
		for reason, n := range d.Withheld {
			sum.Withheld[reason] += n
		}
	}
	return sum
}

func overviewCharts(p page, since, until time.Time, days []history.DaySum) (charts []chart, err error) {
	for _, part := range []struct {
		id string
		of func(history.DaySum) int
	}{
		{"support_asked", func(d history.DaySum) int { return d.Asked }},
		{"support_delivered", func(d history.DaySum) int { return d.Delivered }},
		{"support_opened", func(d history.DaySum) int { return d.Opened }},
		{"support_used", func(d history.DaySum) int { return d.Used }},
		{"support_withheld", withheld},
	} {
		title, err := p.T(part.id)
		if err != nil {
			return nil, err
		}
		counts := map[time.Time]int{}
		for _, d := range days {
			counts[d.Day] = part.of(d)
		}
		c, err := newChart(p, title, since, until, counts)
		if err != nil {
			return nil, err
		}
		charts = append(charts, c)
	}
	return charts, nil
}

func withheld(d history.DaySum) (n int) {
	for _, count := range d.Withheld {
		n += count
	}
	return n
}
