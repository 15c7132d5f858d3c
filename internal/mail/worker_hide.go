package mail

import (
	"strings"

	"resetd/internal/reset"
)

// shortestHint is the minimum length of a hidden piece of a token. Shorter pieces
// occur by chance and reveal nothing.
const shortestHint = 8

// hidden removes the secrets of an email from a server's reply.
func hidden(text string, m reset.Mail) string {
	if m.Code != "" {
		text = strings.ReplaceAll(text, m.Code, "[code]")
	}
	return hide(hide(text, m.Token), m.Denial)
}

// hide removes a link's token from a server's reply. Servers quote the links that
// they refuse ("blocked link https://..."), sometimes cut off or broken into lines,
// so every longer piece of the token is removed.
func hide(text string, token reset.Token) string {
	if token == (reset.Token{}) {
		return text
	}
	secret := strings.ToLower(token.Encode())
	var b strings.Builder
	for i := 0; i < len(text); {
		n := commonPrefix(text[i:], secret)
		if n < shortestHint {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteString("[link]")
		i += n
	}
	return b.String()
}

// commonPrefix returns the length of the longest prefix of s that occurs anywhere
// in secret, ignoring case.
func commonPrefix(s, secret string) int {
	n := 0
	for n < len(s) && strings.Contains(secret, strings.ToLower(s[:n+1])) {
		n++
	}
	return n
}
