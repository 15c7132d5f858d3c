package password

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	fewest       = 2  // one or two different characters of ASCII are easy to guess, in any order
	mostRepeated = 20 // characters; nobody tries longer repetitions
)

// repeats reports whether a password has few different characters, such as aaaaaaab, is a
// common password several times in a row, such as password1password1, or a common password backward, such
// as 87654321. NIST SP 800-63B-4, section 3.1.1.2, names repetitive and sequential
// characters as passwords that are expected.
func repeats(plain string) bool {
	text := []rune(fold(plain))
	if len(text) > mostRepeated {
		return false
	}
	if different(text) <= fewest && text[0] < utf8.RuneSelf {
		return true
	}
	for n := 1; n <= len(text)/2; n++ {
		unit := string(text[:n])
		if len(text)%n == 0 && strings.Repeat(unit, len(text)/n) == string(text) {
			return holds(blocklist(), unit)
		}
	}
	slices.Reverse(text)
	return holds(blocklist(), string(text))
}

// different returns the number of different characters.
func different(text []rune) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}
