package password

import (
	"slices"
	"strings"
)

// Usable reports whether an account with this stored hash has a password that can be
// replaced. If the scheme names a format, that is every hash but an empty one and a known
// mark for "no password": applications replace old formats at the next sign-in, and
// resetd does not know them all. With Match it must be a hash that can be written. It
// hashes nothing.
func (s Scheme) Usable(stored string) bool {
	if s.Format == Match {
		_, err := s.like(stored)
		return err == nil
	}
	return !noPassword(stored)
}

// marks are texts that stand for "no password", in lower case: those of shadow(5) and
// Moodle.
var marks = []string{"", "x", "not cached"}

// noPassword reports whether a stored text is not a hash. Django and passlib mark such
// accounts with !, others with *; the rest of the text may be a hash that is locked.
func noPassword(stored string) bool {
	stored = strings.TrimSpace(stored)
	return strings.HasPrefix(stored, "!") || strings.HasPrefix(stored, "*") || slices.Contains(marks, strings.ToLower(stored))
}
