package mail

import (
	"strings"

	"resetd/internal/reset"
)

// shortestHint is the least run of a token's characters that is hidden. Fewer
// would be found by chance, and tell nothing.
const shortestHint = 8

// hidden takes the secrets of a mail out of what a server says of it.
func hidden(words string, m reset.Mail) string { return hide(hide(words, m.Token), m.Denial) }

// hide takes a link's token out of a server's words. Servers quote what they
// refuse ("blocked link https://..."), whole, cut off or broken into lines, so
// every longer piece of it goes.
func hide(words string, token reset.Token) string {
	if token == (reset.Token{}) {
		return words
	}
	secret := strings.ToLower(token.Encode())
	var b strings.Builder
	for i := 0; i < len(words); {
		n := commonPrefix(words[i:], secret)
		if n < shortestHint {
			b.WriteByte(words[i])
			i++
			continue
		}
		b.WriteString("[link]")
		i += n
	}
	return b.String()
}

// commonPrefix is the length of the longest beginning of s that is found anywhere
// in secret, ignoring case.
func commonPrefix(s, secret string) int {
	n := 0
	for n < len(s) && strings.Contains(secret, strings.ToLower(s[:n+1])) {
		n++
	}
	return n
}
