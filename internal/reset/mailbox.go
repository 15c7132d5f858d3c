package reset

import (
	"net/mail"
	"strings"
)

// Mailbox returns a stored address for email: the local part without quotes, and a
// domain with other letters than ASCII in A-labels. Package mail quotes the local part
// where SMTP requires it (RFC 5321, section 4.1.2): old Japanese addresses have dots in
// a row, and some local parts are longer than the 64 bytes of the standard.
//
// It returns ErrAddress if no email can be sent to the address, and for text that could
// be read as several addresses or as a name with an address.
func Mailbox(stored string) (string, error) {
	stored = strings.TrimSpace(stored)
	if a, err := ParseAddress(stored); err != nil || a.Typed != stored {
		return "", ErrAddress // an invisible character at an end belongs to the stored address
	}
	local, domain, _ := split(stored)
	if inner, quoted := unquote(local); quoted {
		local = inner
	} else if strings.ContainsAny(local, "\"\\(),:;<>[]@") {
		return "", ErrAddress
	}
	if local == "" || !hostName(domain) {
		return "", ErrAddress
	}
	if typed := stored[strings.LastIndexByte(stored, '@')+1:]; strings.EqualFold(typed, domain) {
		domain = typed // in the stored case
	}
	return local + "@" + domain, nil
}

// ParseMailbox parses an address, without a name, of the site itself, or returns ErrAddress. It is
// strict, because many programs read such an address.
func ParseMailbox(text string) (string, error) {
	text = strings.TrimSpace(text)
	address, err := Mailbox(text)
	if err != nil || strings.Contains(text, "\"") {
		return "", ErrAddress
	}
	if parsed, err := mail.ParseAddress(text); err != nil || parsed.Address != text {
		return "", ErrAddress
	}
	return address, nil
}

// unquote returns the content of a quoted string (RFC 5322, section 3.2.4).
func unquote(local string) (content string, quoted bool) {
	if len(local) < 2 || local[0] != '"' {
		return "", false
	}
	var b strings.Builder
	for i := 1; i < len(local); i++ {
		switch c := local[i]; {
		case c == '"':
			return b.String(), i == len(local)-1
		case c == '\\' && i+1 < len(local):
			i++
			b.WriteByte(local[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// hostName reports whether a domain in A-labels can be the name of a host.
func hostName(domain string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	_, ok := aLabels(domain)
	return ok && strings.Trim(domain, letters) == "" && !strings.HasSuffix(domain, ".")
}
