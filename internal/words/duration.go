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
		if texts[i], err = w.T("duration_"+a.unit+"s", "Count", a.n); err != nil {
			return "", err
		}
	}
	if len(texts) == 1 {
		return texts[0], nil
	}
	return w.T("duration_two", "Larger", texts[0], "Smaller", texts[1])
}

// Span is Duration in English, for messages of the command. Below two minutes it counts
// seconds.
func Span(d time.Duration) string {
	if d < 2*time.Minute {
		return Count(int(d.Round(time.Second)/time.Second), "second", "seconds")
	}
	text := ""
	for _, a := range amounts(d) {
		if text != "" {
			text += " and "
		}
		text += Count(a.n, a.unit, a.unit+"s")
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

// amount is a number of a unit, which is "day", "hour" or "minute".
type amount struct {
	n    int
	unit string
}

// amounts divides a duration. Below two hours, minutes that are no whole hour are not
// divided, because "90 minutes" is easier to read; nor are hours below two days.
func amounts(d time.Duration) []amount {
	minutes, hours := ceil(d, time.Minute), ceil(d, time.Hour)
	switch {
	case minutes < 60, minutes < 2*60 && minutes%60 != 0:
		return []amount{{minutes, "minute"}}
	case d < 2*day:
		return nonzero(amount{minutes / 60, "hour"}, amount{minutes % 60, "minute"})
	default:
		return nonzero(amount{hours / 24, "day"}, amount{hours % 24, "hour"})
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
