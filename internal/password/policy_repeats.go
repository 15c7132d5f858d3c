package password

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	fewest       = 2  // one or two different characters of ASCII are easy to guess, in any order
	mostRepeated = 20 // characters; nobody tries longer repetitions
	rowLength    = 3  // on average; passwords that nobody guesses have hardly a row of two
)

// repeats reports whether a password has few different characters, such as aaaaaaab, consists
// of rows, such as abcdefgh or 112233aabbcc, is a common password several times, such as
// password1password1 or admin-admin, or a common password backward, such as 87654321. NIST SP 800-63B-4, section 3.1.1.2, names repetitive and sequential
// characters as passwords that are expected.
func repeats(plain string) bool {
	text := []rune(fold(plain))
	if len(text) > mostRepeated {
		return false
	}
	if text[0] < utf8.RuneSelf && (different(text) <= fewest || rows(text)) {
		return true
	}
	if again(text) || again([]rune(strip(plain))) {
		return true
	}
	slices.Reverse(text)
	return holds(blocklist(), string(text))
}

// rows reports whether letters and digits are in rows. What has symbols around it is padded.
func rows(text []rune) bool {
	odd := func(r rune) bool { return !letterOrDigit(r) }
	return !slices.ContainsFunc(text, odd) && rowLength*length(text) <= len(text)
}

// again reports whether a text is a common password several times.
func again(text []rune) bool {
	for n := 1; n <= len(text)/2; n++ {
		unit := string(text[:n])
		if len(text)%n == 0 && strings.Repeat(unit, len(text)/n) == string(text) {
			return known(unit)
		}
	}
	return false
}

// different returns the number of different characters.
func different(text []rune) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}
