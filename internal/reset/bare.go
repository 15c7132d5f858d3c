package reset

import (
	"strings"
	"unicode"
)

// quotes are what people and programs put around an address, and around is what they put
// behind it, in the scripts of many keyboards.
var quotes = [][2]string{
	{`"`, `"`},
	{"'", "'"},
	{"“", "”"},
	{"‘", "’"},
	{"„", "“"},
	{"‚", "‘"},
	{"”", "”"},
	{"«", "»"},
	{"»", "«"},
	{"(", ")"},
	{"[", "]"},
	{"（", "）"},
	{"「", "」"},
	{"【", "】"},
}

const around = " .,;:…!?。．，、；：！？"

// Bare returns the address in a text that somebody typed or pasted: without a full stop,
// comma or colon behind it (phones make a full stop of two blanks), without quotes, a name
// or mailto: around it, and without blanks at the @ or in the domain. No email can be sent
// to an address with any of these, so no account is missed. A text without an @ is
// returned unchanged, and so is one with several, which may name several people.
func Bare(typed string) string {
	s := strings.TrimRight(Trim(typed), around)
	if strings.Count(s, "@") > 1 {
		return typed
	}
	if inside, closed := strings.CutSuffix(s, ">"); closed {
		s = inside[strings.LastIndexByte(inside, '<')+1:] // behind a name
	}
	for _, q := range quotes {
		inside, closed := strings.CutSuffix(s, q[1])
		if inside, opened := strings.CutPrefix(inside, q[0]); opened && closed {
			s = strings.TrimRight(inside, around)
		}
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
