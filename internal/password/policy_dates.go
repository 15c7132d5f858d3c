package password

import (
	"strings"
	"time"
	"unicode"
)

const (
	mostMarks = 4 // between and around the numbers of a date; 1234 and !!! count once
	firstYear = 1900
	lastYear  = 2099
)

// dates reports whether a text is years and dates in a usual notation, such as 19901990,
// 31121999, 1990-01-01 or 1.5.85, or the same short one several times, such as 31123112.
// Few dates are ever lived in, so each is tried.
func dates(text []rune) bool {
	marks := make([]rune, 0, len(text))
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return false
		}
		if r < '0' || r > '9' {
			marks = append(marks, r)
		}
	}
	var digits strings.Builder
	for _, number := range strings.FieldsFunc(string(text), func(r rune) bool { return r < '0' || r > '9' }) {
		if len(number) == 1 {
			digits.WriteByte('0') // 1.5.1985
		}
		digits.WriteString(number)
	}
	return length(marks) <= mostMarks && (fullDates(digits.String()) || sameDate(digits.String()))
}

// fullDates reports whether digits consist of years and of dates with a whole year. Some
// digits can be read in several ways, so it remembers where a date may end.
func fullDates(digits string) bool {
	ends := make([]bool, len(digits)+1)
	ends[0] = true
	for i := range digits {
		rest := digits[i:]
		if ends[i] && len(rest) >= 4 && isDate(rest[:4], "2006") {
			ends[i+4] = true
		}
		if ends[i] && len(rest) >= 8 && isDate(rest[:8], "20060102", "02012006", "01022006") {
			ends[i+8] = true
		}
	}
	return digits != "" && ends[len(digits)]
}

// sameDate reports whether digits are one short date, as often as it is repeated.
func sameDate(digits string) bool {
	for _, notations := range [][]string{{"0102", "0201"}, {"020106", "010206", "060102"}} {
		n := len(notations[0])
		if len(digits) >= n && len(digits)%n == 0 && isDate(digits[:n], notations...) &&
			strings.Repeat(digits[:n], len(digits)/n) == digits {
			return true
		}
	}
	return false
}

// isDate reports whether digits are a date in one of the notations.
func isDate(digits string, notations ...string) bool {
	for _, notation := range notations {
		at, err := time.Parse(notation, digits)
		if err == nil && (!strings.Contains(notation, "2006") || firstYear <= at.Year() && at.Year() <= lastYear) {
			return true
		}
	}
	return false
}
