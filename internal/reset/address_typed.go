package reset

import (
	"strings"
	"unicode"
)

// What people and programs put around an address, in the scripts of many keyboards: stops
// may be behind it alone, and before it is something only if a closing mark is behind it.
const (
	stops   = " .,;:…!?。．，、；：！？"
	closing = stops + ">\"'”’“‘»«)]）」】"
	opening = "\"'“‘„‚”«»([（「【"
)

// AddressIn returns the address in a text that somebody typed or pasted: without a full stop,
// comma or colon behind it (phones make a full stop of two blanks), without quotes, a name
// or mailto: around it, and without blanks at the @ or in the domain. No email can be sent
// to an address with any of these, so no account is missed. A text without an @ is
// returned unchanged, and so is one with several, which may name several people.
func AddressIn(typed string) string {
	s := strings.TrimRight(Trim(typed), stops)
	if strings.Count(s, "@") > 1 {
		return typed
	}
	if inner := strings.TrimRight(s, closing); inner != s {
		s = strings.TrimLeft(inner[strings.LastIndexByte(inner, '<')+1:], opening) // behind a name
	}
	if scheme := "mailto:"; len(s) > len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
		s, _, _ = strings.Cut(s[len(scheme):], "?") // a subject may follow
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return typed
	}
	return strings.TrimRightFunc(s[:at], blank) + "@" + strings.Join(strings.FieldsFunc(s[at+1:], blank), "")
}

// blank reports whether a character is a space of any width.
func blank(r rune) bool { return unicode.Is(unicode.Zs, r) }
