package support

import (
	"net/url"
	"slices"
	"strconv"
	"time"
)

// presets are the periods that the overview offers: today, yesterday, or a number of days
// that ends today.
var presets = []string{"today", "yesterday", defaultPreset, "30", "90"}

const (
	defaultPreset = "7"
	longestPeriod = 366 // days
)

// period is a number of days in the reader's zone, and the same number before it.
type period struct {
	Preset      string    // empty: chosen by its first and its last day
	First, Last string    // days, such as 2031-05-06
	Typed       [2]string // the days in the form, which may be wrong
	Zone        string
	Count       int // of its days

	days   []time.Time // the beginning of each day, and the end of the last
	before time.Time   // the beginning of the period before
}

func (p period) since() time.Time { return p.days[0] }
func (p period) until() time.Time { return p.days[len(p.days)-1] }

// running reports whether the period has begun and is not over yet.
func (p period) running(now time.Time) bool { return !now.Before(p.since()) && now.Before(p.until()) }

// Offset reports whether the days of the zone do not begin with an hour of UTC. Then the
// figures, which are kept by hour, are up to half an hour off.
func (p period) Offset() bool { return !p.since().Equal(p.since().Truncate(time.Hour)) }

// Preset days, counted from today.
func presetDays(preset string) (first, last int) {
	switch preset {
	case "today":
		return 0, 0
	case "yesterday":
		return -1, -1
	default:
		n, _ := strconv.Atoi(preset)
		return 1 - n, 0
	}
}

// newPeriod returns the days from first to last in a zone.
func newPeriod(first, last time.Time, in *time.Location) period {
	p := period{First: first.Format(time.DateOnly), Last: last.Format(time.DateOnly), Zone: in.String()}
	day := func(n int) time.Time {
		return time.Date(first.Year(), first.Month(), first.Day()+n, 0, 0, 0, 0, in).UTC()
	}
	for end := time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, in); day(p.Count).Before(end); p.Count++ {
		p.days = append(p.days, day(p.Count))
	}
	p.days, p.before = append(p.days, day(p.Count)), day(-p.Count)
	p.Typed = [2]string{p.First, p.Last}
	return p
}

// periodOf returns the period of a request, and what can't be read of it.
func periodOf(values url.Values, now time.Time, zone *time.Location) (p period, wrong []misread) {
	if named, err := loadZone(values.Get("zone")); err == nil {
		zone = named // of a colleague who sent the URL
	}
	today := now.In(zone)
	preset := oneOf(values.Get("days"), defaultPreset, "today", "yesterday", "30", "90")
	first, last := presetDays(preset)
	p = newPeriod(today.AddDate(0, 0, first), today.AddDate(0, 0, last), zone)
	p.Preset = preset
	since, until := values.Get("since"), values.Get("until")
	if since == "" && until == "" {
		return p, nil
	}
	from, _, okFrom := dayIn(since, zone)
	to, _, okTo := dayIn(until, zone)
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.In(zone).AddDate(0, 0, -6).UTC()
	}
	switch {
	case !okFrom:
		wrong = append(wrong, misread{"since", "support_misread_day", since})
	case !okTo:
		wrong = append(wrong, misread{"until", "support_misread_day", until})
	case from.After(to):
		wrong = append(wrong, misread{"until", "support_misread_order", until})
	case to.Sub(from) > longestPeriod*24*time.Hour:
		wrong = append(wrong, misread{"since", "support_misread_long", since})
	}
	if len(wrong) == 0 {
		return newPeriod(from.In(zone), to.In(zone), zone), nil
	}
	p.Typed = [2]string{since, until}
	return p, wrong
}

// list returns the URL of the resets of some of the days that a text finds, with a status.
func (p period) list(first, last, text, status string) string {
	return query{Text: text, Only: onlyResets, Since: first, Until: last, Zone: p.Zone, Status: status}.with("/support", "")
}

// dayName returns the name of a day of the period, such as 2031-05-06.
func (p period) dayName(n int) string {
	zone, err := loadZone(p.Zone)
	if err != nil {
		zone = time.UTC
	}
	return p.days[n].In(zone).Format(time.DateOnly)
}

// dayOf returns the number of the day that contains an hour; -1 if none does.
func (p period) dayOf(hour time.Time) int {
	i, found := slices.BinarySearchFunc(p.days, hour, time.Time.Compare)
	if !found {
		i--
	}
	if i >= p.Count {
		return -1
	}
	return i
}
