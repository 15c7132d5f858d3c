package mail

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest subject and name, in runes, and line of plain text (RFC 5322,
// section 2.1.1 advises 78).
const (
	maxSubject = 120
	maxName    = 60
	maxLine    = 76
)

// oneLine makes a text one printable line of at most n runes.
func oneLine(s string, n int) string {
	s = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(s, "?"))), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// headerLine is a text for a header. Mail programs would decode an encoded word
// in it (RFC 2047), so a stranger could write any text there.
func headerLine(s string) string {
	return oneLine(strings.ReplaceAll(s, "=?", "= ?"), maxSubject)
}

// printable keeps what shows, and the two joiners that some scripts need, and
// makes a blank of the rest: what ends lines, drives terminals or turns the
// direction of reading.
func printable(r rune) rune {
	const nonJoiner, joiner = '\u200c', '\u200d'
	if unicode.IsPrint(r) || r == nonJoiner || r == joiner {
		return r
	}
	return ' '
}

// webAddress is what mail programs make a link of without being asked.
var webAddress = regexp.MustCompile(`(?i)/|www\.`)

// presentable is an account's name as a mail may say it. People choose their
// names, for accounts that they open with other people's addresses too: one
// that holds a link is left out.
func presentable(name string) string {
	name = oneLine(name, maxName)
	if webAddress.MatchString(name) {
		return ""
	}
	return name
}

var manyBlankLines = regexp.MustCompile(`\n{3,}`)

// plainText wraps long lines and leaves at most one line blank. What has no
// blanks in it, such as a link, stays whole.
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
