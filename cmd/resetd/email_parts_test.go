package main

import (
	"testing"

	"github.com/wneessen/go-mail"

	"resetd/internal/testkit/smtpsink"
)

// parse parses a received mail.
func parse(t *testing.T, m smtpsink.Message) *mail.Msg {
	t.Helper()
	msg, err := mail.EMLToMsgFromString(m.Data)
	if err != nil {
		t.Fatalf("the mail can't be parsed: %v\n%s", err, m.Data)
	}
	return msg
}

func textOf(t *testing.T, m smtpsink.Message) string { t.Helper(); return partOf(t, m, 0) }
func htmlOf(t *testing.T, m smtpsink.Message) string { t.Helper(); return partOf(t, m, 1) }

func partOf(t *testing.T, m smtpsink.Message, n int) string {
	t.Helper()
	parts := parse(t, m).GetParts()
	if len(parts) != 2 {
		t.Fatalf("the mail has %d parts, want 2", len(parts))
	}
	content, err := parts[n].GetContent()
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
