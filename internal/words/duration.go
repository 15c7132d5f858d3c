package words

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// Duration returns a duration in words, in at most two units: "90 minutes", "23 hours
// and 56 minutes", "2 days and 3 hours". It is rounded up to the last unit.
func (w Words) Duration(d time.Duration) (string, error) {
	all := amounts(d)
	texts := make([]string, len(all))
	for i, a := range all {
		var err error
		if texts[i], err = w.T(a.id, "Count", a.n); err != nil {
			return "", err
		}
	}
	if len(texts) == 1 {
		return texts[0], nil
	}
	return w.T("duration_two", "Larger", texts[0], "Smaller", texts[1])
}

// Span is Duration in English, for messages of the command. Below two minutes it counts
// seconds, unless it is one minute.
func Span(d time.Duration) string {
	if d = d.Round(time.Second); d < 2*time.Minute && d != time.Minute {
		return Count(int(d/time.Second), "second", "seconds")
	}
	text := ""
	for _, a := range amounts(d) {
		if text != "" {
			text += " and "
		}
		text += Count(a.n, a.one, a.many)
	}
	return text
}

// Count returns a number with its noun in singular or plural, for messages of the
// command.
func Count[N int | int64](n N, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// unit is a unit of time: its English name, and the id of its text.
type unit struct{ one, many, id string }

var (
	days    = unit{"day", "days", "duration_days"}
	hours   = unit{"hour", "hours", "duration_hours"}
	minutes = unit{"minute", "minutes", "duration_minutes"}
)

type amount struct {
	n int
	unit
}

// amounts divides a duration. Below two hours, minutes that are no whole hour are not
// divided, because "90 minutes" is easier to read; nor are hours below two days.
func amounts(d time.Duration) []amount {
	short, long := ceil(d, time.Minute), ceil(d, time.Hour)
	switch {
	case short < 60, short < 2*60 && short%60 != 0:
		return []amount{{short, minutes}}
	case d < 2*day:
		return nonzero(amount{short / 60, hours}, amount{short % 60, minutes})
	default:
		return nonzero(amount{long / 24, days}, amount{long % 24, hours})
	}
}

func ceil(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

// nonzero returns both amounts, or only the larger one if the other is zero.
func nonzero(larger, smaller amount) []amount {
	if smaller.n == 0 {
		return []amount{larger}
	}
	return []amount{larger, smaller}
}
