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

// spans are the numbers of days that an overview can show.
var spans = []int{7, defaultSpan, 90}

const defaultSpan = 30

type overviewView struct {
	page
	Span     int
	Spans    []int
	Charts   []chart
	Overview history.Overview
	Reasons  []reset.Withheld
	Sum      history.Sums
	UsedHalf string // the time in which half of the used links were used, in words; empty if no link was used
	UsedMost string // the same for nine in ten
	Sample   int    // how many of the newest rows the lists cover, if not all
}

func (s *support) overview(v visit) error {
	span := defaultSpan
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
	slices.Reverse(found.Days) // people look for the newest day first
	view := overviewView{page: s.page(v), Span: span, Spans: spans, Overview: found, Reasons: history.Reasons, Sum: total(found.Days)}
	if view.Charts, err = overviewCharts(view.page, since, v.now, found.Days); err != nil {
		return err
	}
	if view.Sum.Requested > history.SampleSize {
		view.Sample = history.SampleSize
	}
	for percent, words := range map[int]*string{50: &view.UsedHalf, 90: &view.UsedMost} {
		within := view.Sum.UsedIn(percent)
		if within == 0 {
			continue
		}
		if *words, err = view.Duration(within); err != nil {
			return err
		}
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_overview.html", view)
}

func total(days []history.DaySums) (sum history.Sums) {
	for _, d := range days {
		sum = sum.Add(d.Sums)
	}
	return sum
}

func overviewCharts(p page, since, until time.Time, days []history.DaySums) (charts []chart, err error) {
	for _, part := range []struct {
		id string
		of func(history.Sums) int
	}{
		{"support_asked", func(s history.Sums) int { return s.Requested }},
		{"support_delivered", history.Sums.Delivered},
		{"support_opened", func(s history.Sums) int { return s.Opened }},
		{"support_used", func(s history.Sums) int { return s.Used }},
		{"support_withheld", history.Sums.AllWithheld},
	} {
		title, err := p.T(part.id)
		if err != nil {
			return nil, err
		}
		counts := map[time.Time]int{}
		for _, d := range days {
			counts[d.Day] = part.of(d.Sums)
		}
		c, err := newChart(p, title, since, until, counts)
		if err != nil {
			return nil, err
		}
		charts = append(charts, c)
	}
	return charts, nil
}
