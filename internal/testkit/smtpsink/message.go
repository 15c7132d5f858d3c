package smtpsink

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"
)

// Link returns the URL of the first link to a page, such as /password-reset/confirm/; it
// is empty without one.
func (m Message) Link(page string) string {
	text := strings.ReplaceAll(m.Data, "=\r\n", "") // the ends of lines in quoted-printable
	return regexp.MustCompile(`https?://[^\s"]+` + page + `[a-z2-7]{52}\b`).FindString(text)
}

// Text returns the first part of an email with two, decoded.
func (m Message) Text(t testing.TB) string { t.Helper(); return m.part(t, 0) }

// HTML returns the second part of an email with two, decoded.
func (m Message) HTML(t testing.TB) string { t.Helper(); return m.part(t, 1) }

func (m Message) part(t testing.TB, n int) string {
	t.Helper()
	parts := m.Parse(t).GetParts()
	if len(parts) != 2 {
		t.Fatalf("the email has %d parts, want 2", len(parts))
	}
	content, err := parts[n].GetContent()
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Parse parses the email.
func (m Message) Parse(t testing.TB) *mail.Msg {
	t.Helper()
	msg, err := mail.EMLToMsgFromString(m.Data)
	if err != nil {
		t.Fatalf("the email can't be parsed: %v\n%s", err, m.Data)
	}
	return msg
}
