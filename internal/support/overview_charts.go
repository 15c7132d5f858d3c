package support

import (
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// charts returns the charts of the period: by day or, for one day, by hour; and how soon
// links were used.
func (view *overviewView) charts(days []history.Sums, hours []history.HourSums) (all []chart, err error) {
	unit, bars := "support_per_day", view.Period.byDay
	if view.Period.Count == 1 {
		unit, bars = "support_per_hour", func(of func(history.Sums) int, status string, _ []history.Sums) []bar {
			return view.Period.byHour(of, status, hours)
		}
	}
	for _, part := range []struct {
		id, status string // of the list of a bar
		of         func(history.Sums) int
	}{
		{"support_asked", "", func(s history.Sums) int { return s.Requested }},
		{"support_delivered", string(history.MailReceived), history.Sums.Delivered},
		{"support_used", "used", func(s history.Sums) int { return s.Used }},
		{"support_without_email", string(history.NoEmail), func(s history.Sums) int { return s.AllWithheld() + s.MailFailed + s.MailBounced }},
	} {
		c, err := view.chart(part.id, unit, bars(part.of, part.status, days))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	soon, err := view.soon(days)
	if err != nil {
		return nil, err
	}
	c, err := view.chart("support_time_to_use", "support_links", soon)
	return append(all, c), err
}

func (view *overviewView) chart(title, unit string, bars []bar) (chart, error) {
	name, err := view.T(title)
	if err != nil {
		return chart{}, err
	}
	per, err := view.T(unit)
	return newChart(name, per, bars), err
}

// byDay returns a bar for each day, also for those on which nothing happened.
func (p period) byDay(of func(history.Sums) int, status string, days []history.Sums) (bars []bar) {
	for i, d := range days {
		name := p.dayName(i)
		bars = append(bars, bar{Name: name, Count: of(d), Path: p.list(name, name, "", status)})
	}
	return bars
}

// byHour returns a bar for each hour of the first day.
func (p period) byHour(of func(history.Sums) int, status string, hours []history.HourSums) (bars []bar) {
	zone, err := loadZone(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	for at := p.since().Truncate(time.Hour); at.Before(p.until().Truncate(time.Hour)); at = at.Add(time.Hour) {
		b := bar{Name: at.In(zone).Format("15:04"), Path: p.listHour(at, zone, status)}
		for _, h := range hours {
			if h.Hour.Equal(at) {
				b.Count = of(h.Sums)
			}
		}
		bars = append(bars, b)
	}
	return bars
}

// listHour returns the URL of the resets of an hour; "" if its name in the zone has another
// meaning too, when clocks are set back.
func (p period) listHour(at time.Time, zone *time.Location, status string) string {
	first, last := minuteName(at.In(zone)), minuteName(at.Add(time.Hour).In(zone))
	if since, until, _ := daysIn(first, last, zone); !since.Equal(at) || !until.Equal(at.Add(time.Hour)) {
		return ""
	}
	return p.list(first, last, "", status)
}

// soon returns how many links were used within each of the times, and not sooner.
func (view *overviewView) soon(days []history.Sums) (bars []bar, err error) {
	var sum history.Sums
	for _, d := range days {
		sum = sum.Add(d)
	}
	counted := 0
	for i := 0; i <= len(history.UseTimes); i++ {
		within, so := reset.MaxLifetime, sum.Used
		if i < len(history.UseTimes) {
			within, so = history.UseTimes[i], sum.UsedWithin[i]
		}
		b := bar{Count: so - counted, Path: view.Period.list(view.Period.First, view.Period.Last, "", history.UsedWithin(within))}
		if b.Name, err = view.Duration(within); err != nil {
			return nil, err
		}
		bars, counted = append(bars, b), so
	}
	return bars, nil
}
