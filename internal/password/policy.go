package password

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The default lengths of a policy, in code points. OWASP ASVS 5.0 requires at least 8
// (6.2.1) and requires that 64 are allowed (6.2.9). NIST requires 15 if the password
// is the only factor, so a site may set more.
const (
	DefaultMinLength = 8
	DefaultMaxLength = 256
)

// mostComposed is the length of the longest canonical decomposition of a code point,
// which is U+1F82 (Unicode Standard Annex 15).
const mostComposed = 4

// Policy is the rules for new passwords.
type Policy struct {
	MinLength int    // code points of the NFC form; 0: DefaultMinLength
	MaxLength int    // the same; 0: DefaultMaxLength
	Site      string // the site's name, and its host if that differs
	Scheme    Scheme // of new hashes, which may limit the length in bytes
}

// Person is the owner of a new password. Unknown fields are empty.
type Person struct {
	Name, Email string
	Hash        string // of the present password
}

// Problem is why a password is refused.
type Problem string

// The problems, in the order in which they are shown.
const (
	Blank     Problem = "blank"     // empty, or only invisible characters
	TooShort  Problem = "too_short" // fewer code points than MinLength
	TooLong   Problem = "too_long"  // more code points than MaxLength
	TooLarge  Problem = "too_large" // more bytes than the hash format uses
	Common    Problem = "common"    // on the list of common passwords, dates, rows of keys or few characters
	Padded    Problem = "padded"    // a common password or a name, with digits and symbols around it or without
	Resembles Problem = "resembles" // little more than the name, address or site
	Breached  Problem = "breached"  // known from a data breach; package breach finds it, not Check
	Unchanged Problem = "unchanged" // the present password; who knows it finds this, not Check
	Mismatch  Problem = "mismatch"  // the confirmation is different
)

// Check returns all problems of a password in the order of the constants, or nil. Each
// code point counts as one character (NIST SP 800-63B-4, section 3.1.1.2). A blank
// password has no other problem except a mismatch. The word rules are not applied to
// a password that is too long, so MaxLength limits their time.
func (p Policy) Check(password, confirmation string, who Person) []Problem {
	plain := p.normal(password)
	found := p.weaknesses(plain, p.Scheme.Fits(who.Hash, password), who)
	if plain != p.normal(confirmation) {
		found = append(found, Mismatch)
	}
	return found
}

func (p Policy) weaknesses(plain string, fits bool, who Person) (found []Problem) {
	length := utf8.RuneCountInString(plain)
	switch {
	case blank(plain):
		return []Problem{Blank}
	case length > p.maxLength() && fits:
		return []Problem{TooLong}
	case length > p.maxLength():
		return []Problem{TooLarge} // the stricter limit
	case length < p.minLength():
		found = append(found, TooShort)
	}
	if !fits {
		found = append(found, TooLarge)
	}
	return append(found, p.words(plain, who)...)
}

// words applies the rules about common passwords and words.
func (p Policy) words(plain string, who Person) []Problem {
	var found []Problem
	switch {
	case common(plain), repeats(plain):
		found = append(found, Common)
	case padded(plain):
		found = append(found, Padded)
	case walks(plain), !strings.ContainsFunc(plain, unicode.IsLetter) && dates([]rune(fold(plain))):
		found = append(found, Common)
	}
	if resembles(plain, wordsOf(p.Site, who)) {
		found = append(found, Resembles)
	}
	return found
}

// normal returns the NFC form, which will be hashed. A text that is too long even in
// NFC stays unchanged, so a form full of accents costs no time: NFC joins at most
// mostComposed code points to one.
func (p Policy) normal(s string) string {
	if utf8.RuneCountInString(s) > mostComposed*p.maxLength() {
		return s
	}
	return norm.NFC.String(s)
}

func (p Policy) minLength() int {
	if p.MinLength == 0 {
		return DefaultMinLength
	}
	return p.MinLength
}

func (p Policy) maxLength() int {
	if p.MaxLength == 0 {
		return DefaultMaxLength
	}
	return p.MaxLength
}

func blank(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
}

// Bound returns the limit that a problem is about: the maximum length for TooLong,
// the maximum in bytes for TooLarge, otherwise the minimum length.
func (p Policy) Bound(problem Problem) int {
	switch problem {
	case TooLong:
		return p.maxLength()
	case TooLarge:
		return mostBcrypt
	default:
		return p.minLength()
	}
}
