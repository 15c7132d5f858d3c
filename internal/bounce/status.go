package bounce

import (
	"regexp"
	"strings"
	"unicode"
)

// The longest texts that are stored, in code points.
const (
	maxServer = 100
	maxReply  = 300
)

// reasons has the meaning of codes without their class (RFC 3463; 1.10, 7.20 to 7.26:
// RFC 7505, RFC 7372).
var reasons = map[string]string{
	"1.0": "address refused", "1.1": "no such mailbox", "1.2": "no such domain", "1.3": "invalid address", "1.4": "ambiguous address",
	"1.6": "mailbox has moved", "1.8": "our sender's address refused", "1.10": "domain takes no email",
	"2.0": "mailbox does not work", "2.1": "mailbox disabled", "2.2": "mailbox full", "2.3": "email too large for the mailbox", "2.4": "mailing list does not work",
	"3.1": "mail server's disk full", "3.2": "mail server takes no email now", "3.4": "email too large for the mail server",
	"4.1": "mail server does not answer", "4.2": "connection broke", "4.3": "name server failed", "4.4": "no way to the mail server", "4.6": "email went in a circle",
	"4.7": "could not be delivered in time", "5.0": "mail server refused the protocol", "6.0": "content refused",
	"7.0": "refused by policy", "7.1": "refused by policy", "7.20": "signature missing or wrong (DKIM)", "7.21": "signature missing or wrong (DKIM)",
	"7.22": "signature missing or wrong (DKIM)", "7.23": "sending server not allowed (SPF)", "7.24": "sending server not allowed (SPF)",
	"7.25": "sending server has no name (reverse DNS)", "7.26": "sender not authenticated (SPF, DKIM)",
}

// subjects has the meaning of the other codes, by their second number.
var subjects = map[string]string{
	"1": "address refused", "2": "mailbox does not work", "3": "mail server failed", "4": "could not be delivered",
	"5": "mail server refused the protocol", "6": "content refused", "7": "refused by policy",
}

var enhanced = regexp.MustCompile(`(?:^|[^0-9.])([45])\.(\d{1,3})\.(\d{1,3})(?:[^0-9.]|$)`)

// describe returns the reason of a bounce: "mailbox full (5.2.2): 552 5.2.2 over quota".
// A code in the reply is more exact than a general one in the report.
func describe(status, reply string) string {
	code := enhanced.FindStringSubmatch(status)
	if exact := enhanced.FindStringSubmatch(reply); exact != nil && (code == nil || code[2]+"."+code[3] == "0.0") {
		code = exact
	}
	text := "not delivered"
	if code != nil {
		if reason := reasons[code[2]+"."+code[3]]; reason != "" {
			text = reason
		} else if reason := subjects[code[2]]; reason != "" {
			text = reason
		}
		text += " (" + strings.Join(code[1:], ".") + ")"
	}
	if reply = clean(reply, maxReply); reply != "" {
		text += ": " + reply
	}
	return text
}

// secret matches what may be a piece of a link: servers quote the links that they refuse.
var secret = regexp.MustCompile(`(?i)[a-z2-7]{24,}`)

// clean returns a text of a stranger as one line, at most so long, without links of ours.
func clean(text string, most int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
	text = secret.ReplaceAllString(text, "[link]")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return text
}
