package password

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Lengths in code points, unless a policy has its own. OWASP ASVS 5.0 asks for
// at least 8 (6.2.1) and for at least 64 to be allowed (6.2.9); NIST asks for 15
// where nothing but the password signs in, so a site may well set more.
const (
	DefaultMinLength = 8
	DefaultMaxLength = 256
)

// mostComposed is the code points in the longest canonical decomposition of one,
// U+1F82's (Unicode Standard Annex 15).
const mostComposed = 4

// Policy is the rules for new passwords.
type Policy struct {
	MinLength int    // code points of the NFC form; 0: DefaultMinLength
	MaxLength int    // the same; 0: DefaultMaxLength
	Site      string // the site's name, and its host if that differs
	Scheme    Scheme // how it will be hashed, which may have a limit in bytes
}

// Person is whose password it is to be. Unknown fields are empty.
type Person struct {
	Name, Email string
	Hash        string // of the present password
}

// Problem is why a password is refused.
type Problem string

// The problems, in the order in which Check returns them.
const (
	Blank     Problem = "blank"     // empty, or nothing that can be seen
	TooShort  Problem = "too_short" // fewer code points than MinLength
	TooLong   Problem = "too_long"  // more code points than MaxLength
	TooLarge  Problem = "too_large" // more bytes than the hash format can tell apart
	Common    Problem = "common"    // one of the first that a guesser tries
	Resembles Problem = "resembles" // little more than the name, address or site
	Mismatch  Problem = "mismatch"  // the confirmation is another password
)

// Check returns every problem of a password, in the order of the constants, and
// nil for a good one. Length is counted as NIST SP 800-63B-4, section 3.1.1.2,
// says: each code point is one character. A blank password is only that, and one
// that is too long is not looked at any further: the time that the word rules
// take is bounded by MaxLength.
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
		return []Problem{TooLarge} // the tighter of the two
	case length < p.minLength():
		found = append(found, TooShort)
	}
	if !fits {
		found = append(found, TooLarge)
	}
	return append(found, p.words(plain, who)...)
}

// words applies the rules about what a password consists of.
func (p Policy) words(plain string, who Person) []Problem {
	var found []Problem
	if common(plain) {
		found = append(found, Common)
	}
	if resembles(plain, wordsOf(p.Site, who)) {
		found = append(found, Resembles)
	}
	return found
}

// normal returns the NFC form, which is what will be hashed. A text that is too
// long in any form stays as it is, so that a form full of accents takes no time:
// NFC makes one code point of at most mostComposed.
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

// Bound is the length that a problem is about: the longest for TooLong, in bytes
// for TooLarge, else the shortest.
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
