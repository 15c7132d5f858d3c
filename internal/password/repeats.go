package password

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	mostUnit     = 2  // one or two characters of ASCII are easy to guess when they are repeated
	mostRepeated = 20 // characters; nobody tries longer repetitions
)

// repeats reports whether a password is a short text or a common password several times
// in a row, such as aaaaaaaa or password1password1, or a common password backward, such
// as 87654321. NIST SP 800-63B-4, section 3.1.1.2, names repetitive and sequential
// characters as passwords that are expected.
func repeats(plain string) bool {
	text := []rune(fold(plain))
	if len(text) > mostRepeated {
		return false
	}
	for n := 1; n <= len(text)/2; n++ {
		unit := string(text[:n])
		if len(text)%n == 0 && strings.Repeat(unit, len(text)/n) == string(text) {
			return n <= mostUnit && unit[0] < utf8.RuneSelf || holds(blocklist(), unit)
		}
	}
	slices.Reverse(text)
	return holds(blocklist(), string(text))
}
