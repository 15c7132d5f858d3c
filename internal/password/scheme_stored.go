package password

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// What a scheme tells of the hash that is stored with an account.

// Describe returns the name of a stored hash's format, as in Formats, with the text
// around the hash; for bcrypt the prefix follows. It is empty if resetd can't verify
// passwords against the hash.
func (s Scheme) Describe(stored string) string {
	hash, err := s.read(stored)
	if err != nil {
		return ""
	}
	return hash.name()
}

// Writes describes the hash that will replace the present one; empty if none can.
func (s Scheme) Writes(present string) string {
	if s.Format != Match {
		return s.template(OWASP).name()
	}
	next, err := s.like(present)
	if err != nil {
		return ""
	}
	return next.name()
}

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

// OnlyReads reports whether a stored hash is of a format that resetd never writes.
func (s Scheme) OnlyReads(stored string) bool {
	r, err := s.read(stored)
	return err == nil && onlyRead(r)
}

// Fits reports whether every byte of a password counts in the hash that replaces the
// present one.
func (s Scheme) Fits(present, plain string) bool {
	next := s.template(OWASP)
	if stored, err := s.read(present); s.Format == Match && err == nil {
		next = stored
	}
	b, limited := unwrap(next).(bcryptHash)
	return !limited || b.fits(s.input(plain))
}

// Parts returns the values that statements may name for a hash: the whole hash, and
// salt, key and iterations if the format has them. Applications keep them in separate
// columns.
func (s Scheme) Parts(hash string) map[string]any {
	parts := map[string]any{"$hash": hash}
	r, err := s.read(hash)
	if err != nil {
		return parts
	}
	divided, ok := unwrap(r).(interface {
		parts() (salt, key []byte, iterations int)
	})
	if !ok {
		return parts
	}
	salt, key, iterations := divided.parts()
	parts["$salt_hex"], parts["$salt_base64"] = hex.EncodeToString(salt), base64.StdEncoding.EncodeToString(salt)
	parts["$key_hex"], parts["$key_base64"] = hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key)
	parts["$iterations"] = iterations
	return parts
}

// HasParts reports whether new hashes of the scheme have a salt and a key that
// statements can name. With Match that depends on the account.
func (s Scheme) HasParts() bool {
	return s.Format == Match || len(s.Parts(s.template(OWASP).String())) > 1
}
