package support

import (
	"errors"
	"time"
	_ "time/tzdata" // the zones of readers, also where the system has none

	"github.com/gin-gonic/gin"

	"resetd/internal/history"
)

// zoneCookie is the cookie in which the browser's script stores the reader's time
// zone, such as Pacific/Auckland.
const zoneCookie = "resetd_zone"

// zone returns the reader's time zone; UTC if the browser did not send it.
func zone(c *gin.Context) *time.Location {
	name, _ := c.Cookie(zoneCookie)
	found, err := loadZone(name)
	if err != nil {
		return time.UTC
	}
	return found
}

var errZone = errors.New("not a time zone")

// loadZone returns the zone with a name from outside.
func loadZone(name string) (*time.Location, error) {
	if name == "" || len(name) > 64 || name == "Local" {
		return nil, errZone
	}
	return time.LoadLocation(name)
}

// minuteLayout is the form of a minute in a URL, as in the field datetime-local of HTML.
const minuteLayout = "2006-01-02T15:04"

// minuteName returns a minute as dayIn reads it, such as 2031-05-06T07:08.
func minuteName(t time.Time) string { return t.Format(minuteLayout) }

// dayIn returns when a day such as 2031-05-06 begins in a zone, and when the next one
// does. Of a minute such as 2031-05-06T07:08 it returns the same time twice, and of an empty
// text two zero times.
func dayIn(text string, in *time.Location) (begins, ends time.Time, ok bool) {
	if t, err := time.ParseInLocation(minuteLayout, text, in); err == nil && t.Year() > 1 {
		return t.UTC(), t.UTC(), true
	}
	begins, ends, ok = history.ParseDay(text)
	if begins.IsZero() {
		return begins, ends, ok
	}
	midnight := func(t time.Time) time.Time {
		if t.IsZero() {
			return t
		}
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, in).UTC()
	}
	return midnight(begins), midnight(ends), ok
}

// when is a time as the pages show it.
type when struct {
	ISO  string // for programs
	Text string // in the reader's zone, with its name
	Date string // the day
	Hour string // without the day
	UTC  string
	Ago  string // how long ago, in words

	Today bool // in the reader's zone
}

// When returns a time for a template.
func (p page) When(t time.Time) when {
	local, today := t.In(p.location()), p.now.In(p.location())
	return when{
		ISO: t.UTC().Format(time.RFC3339), Text: local.Format("2006-01-02 15:04:05 MST"), Date: local.Format(time.DateOnly), Hour: local.Format("15:04:05 MST"),
		UTC: t.UTC().Format("2006-01-02 15:04:05 MST"), Ago: p.ago(t), Today: local.Format(time.DateOnly) == today.Format(time.DateOnly),
	}
}

// whenOf returns nil for the zero time.
func whenOf(p page, t time.Time) *when {
	if t.IsZero() {
		return nil
	}
	w := p.When(t)
	return &w
}

// Zone returns the name of the zone of the page's times.
func (p page) Zone() string { return p.location().String() }

func (p page) location() *time.Location {
	if p.zone == nil {
		return time.UTC
	}
	return p.zone
}

// ago returns how long ago a time was, or in how long it will be, in words.
func (p page) ago(t time.Time) string {
	d, id := p.now.Sub(t), "ago_"
	if d < 0 {
		d, id = -d, "in_"
	}
	n, unit := 0, "now"
	switch {
	case d >= 48*time.Hour:
		n, unit = int(d/(24*time.Hour)), "days"
	case d >= 2*time.Hour:
		n, unit = int(d/time.Hour), "hours"
	case d >= time.Minute:
		n, unit = int(d/time.Minute), "minutes"
	}
	if n == 0 {
		id = "ago_"
	}
	text, err := p.T(id+unit, "Count", n)
	if err != nil {
		return ""
	}
	return text
}
