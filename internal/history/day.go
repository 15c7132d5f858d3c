package history

import "time"

// The years that a search accepts. Year 1 is Go's zero time, which means no bound;
// SQLite compares times as text, which sorts up to year 9999.
const firstYear, lastYear = 2, 9999

// ParseDay reads a day (UTC) such as 2031-05-06. It returns when that day begins and
// when the next one begins, which is zero after the last day. An empty text returns
// two zero times.
func ParseDay(text string) (begins, ends time.Time, ok bool) {
	if text == "" {
		return begins, ends, true
	}
	begins, err := time.Parse(time.DateOnly, text)
	if err != nil || begins.Year() < firstYear {
		return time.Time{}, time.Time{}, false
	}
	if ends = begins.AddDate(0, 0, 1); ends.Year() > lastYear {
		ends = time.Time{}
	}
	return begins, ends, true
}

// ParseTime reads a moment such as 2031-05-06T07:08:09Z, or without the letters in
// UTC, and returns it in UTC.
func ParseTime(text string) (t time.Time, ok bool) {
	for _, layout := range []string{time.DateTime, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil && t.UTC().Year() >= firstYear && t.UTC().Year() <= lastYear {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
