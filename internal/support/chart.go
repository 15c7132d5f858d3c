package support

import "time"

// The size of a chart in its own units; the page scales it.
const (
	chartWidth  = 720
	chartHeight = 160
)

// chart is bars by day, drawn by the template.
type chart struct {
	Width, Height int
	Title         string
	Bars          []bar
	Most          int // the value of the highest bar
	Scale         string
}

// bar is a day. Its height is at least 1 if anything happened.
type bar struct {
	X, Y, Width, Height int
	Day                 time.Time
	Count               int
}

// newChart returns a chart with one bar for each day from since to until, including
// days on which nothing happened.
func newChart(p page, title string, since, until time.Time, counts map[time.Time]int) (c chart, err error) {
	c = chart{Width: chartWidth, Height: chartHeight, Title: title}
	for _, n := range counts {
		c.Most = max(c.Most, n)
	}
	days := days(since, until)
	for i, day := range days {
		n, left, right := counts[day], i*chartWidth/len(days), (i+1)*chartWidth/len(days)
		b := bar{X: left, Width: max(1, right-left-1), Day: day, Count: n}
		if n > 0 {
			b.Height = max(1, n*chartHeight/c.Most)
		}
		b.Y = chartHeight - b.Height
		c.Bars = append(c.Bars, b)
	}
	c.Scale, err = p.T("support_most", "Most", grouped(c.Most))
	return c, err
}

// days returns the days (UTC) from since to until, both included.
func days(since, until time.Time) (all []time.Time) {
	for day := midnight(since); !day.After(until); day = day.AddDate(0, 0, 1) {
		all = append(all, day)
	}
	return all
}

func midnight(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
