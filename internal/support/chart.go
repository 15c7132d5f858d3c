package support

import (
	"strconv"
)

// The size of a chart in its own units; the page scales it.
const (
	chartWidth  = 720
	chartHeight = 160
)

// chart is bars, drawn by the template, with a table of the same numbers.
type chart struct {
	Width, Height int
	Title, Unit   string
	Total         string
	Bars          []bar
	Ticks         []tick   // of the vertical axis, highest first
	Labels        []string // of the horizontal axis: the first, the middle and the last bar
}

// bar is a part of a chart. Its height is at least 1 if anything happened.
type bar struct {
	X, Y, Width, Height int
	Name                string
	Count               int
	Path                string // of the list of what it counts; may be empty
}

// tick is a line across a chart.
type tick struct {
	Y    int
	Text string
}

// drawing is a chart for the template, with the texts of its page.
type drawing struct {
	page
	Chart chart
}

// Draw returns a chart for the template.
func (p page) Draw(c chart) drawing { return drawing{p, c} }

// newChart returns a chart of bars that have a name, a count and a path.
func newChart(title, unit string, bars []bar) chart {
	c := chart{Width: chartWidth, Height: chartHeight, Title: title, Unit: unit, Bars: bars}
	most, total := 0, 0
	for _, b := range bars {
		most, total = max(most, b.Count), total+b.Count
	}
	scale := roundUp(most)
	for i := range bars {
		b := &bars[i]
		left, right := i*chartWidth/len(bars), (i+1)*chartWidth/len(bars)
		b.X, b.Width = left, max(1, right-left-1)
		if b.Count > 0 {
			b.Height = max(1, b.Count*chartHeight/scale)
		}
		b.Y = chartHeight - b.Height
	}
	c.Total = grouped(total)
	c.Ticks = []tick{{0, grouped(scale)}, {chartHeight, "0"}}
	if scale%2 == 0 {
		c.Ticks = []tick{{0, grouped(scale)}, {chartHeight / 2, grouped(scale / 2)}, {chartHeight, "0"}}
	}
	if n := len(bars); n > 0 {
		c.Labels = []string{bars[0].Name, bars[n/2].Name, bars[n-1].Name}
	}
	return c
}

// roundUp returns a round number that is not below n, and at least 1.
func roundUp(n int) int {
	for power := 1; ; power *= 10 {
		for _, digit := range []int{1, 2, 5} {
			if digit*power >= n {
				return digit * power
			}
		}
	}
}

func percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return strconv.Itoa((part*100+whole/2)/whole) + " %"
}
