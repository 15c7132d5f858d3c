package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The maximum length of a subject, a name and a line of plain text, in runes
// (RFC 5322, section 2.1.1 recommends lines of at most 78).
const (
	maxSubject = 120
	maxName    = 60
	maxLine    = 76
)

// oneLine turns a text into one printable line of at most n runes.
func oneLine(s string, n int) string {
	s = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(s, "?"))), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// headerLine returns a text for a header. It breaks up encoded words (RFC 2047),
// because mail programs would decode them and show a stranger's text.
func headerLine(s string) string {
	return oneLine(strings.ReplaceAll(s, "=?", "= ?"), maxSubject)
}

// printable keeps visible characters and the two joiners that some scripts need. It
// replaces all others by a space: they end lines, control terminals or change the
// direction of text.
func printable(r rune) rune {
	const nonJoiner, joiner = '\u200c', '\u200d'
	if unicode.IsPrint(r) || r == nonJoiner || r == joiner {
		return r
	}
	return ' '
}

// webAddress matches text that mail programs turn into links. A slash alone makes none:
// companies are called "Example A/S".
var webAddress = regexp.MustCompile(`(?i)//|www\.|\.[^\s/]*/`)

// presentable returns an account's name for an email, or "" if the name contains a
// link. A stranger can create an account with somebody else's address and choose
// its name.
func presentable(name string) string {
	name = oneLine(name, maxName)
	if webAddress.MatchString(name) {
		return ""
	}
	return name
}

var manyBlankLines = regexp.MustCompile(`\n{3,}`)

// plainText wraps long lines at spaces, so links stay whole, and removes repeated
// blank lines.
func plainText(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(wrap(strings.TrimRight(line, " \t\r\n")) + "\n")
	}
	return strings.TrimSpace(manyBlankLines.ReplaceAllString(b.String(), "\n\n")) + "\n"
}

func wrap(line string) string {
	var b strings.Builder
	length := 0
	for i, word := range strings.Split(line, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case length+1+n > maxLine:
			b.WriteByte('\n')
			length = 0
		default:
			b.WriteByte(' ')
			length++
		}
		b.WriteString(word)
		length += n
	}
	return b.String()
}
