package bounce

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

var id = uuid.MustParse("8c6f1e0e-3f5c-4d3e-9c0f-0a1b2c3d4e5f")

func sender(t *testing.T, keys ...string) Sender {
	t.Helper()
	var raw [][]byte
	for _, key := range keys {
		raw = append(raw, []byte(strings.Repeat(key, 32)))
	}
	k, err := reset.NewKeys(raw...)
	if err != nil {
		t.Fatal(err)
	}
	return NewSender("bounces@example.org", k)
}

// notification returns a report as Postfix writes it.
func notification(to, fields string) string {
	return strings.ReplaceAll(`Return-Path: <>
X-Original-To: `+to+`
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="b/1"

--b/1
Content-Type: text/plain; charset=x-unknown

I'm sorry to have to inform you

--b/1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Tue, 6 May 2031 07:08:09 +0000

`+fields+`

--b/1
Content-Type: message/rfc822

From: accounts@example.org
Subject: a link

--b/1--
`, "\n", "\r\n")
}

const full = `Final-Recipient: rfc822; user@example.org
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 user is over quota`

func TestReasonsOfBounces(t *testing.T) {
	s := sender(t, "k")
	for fields, want := range map[string]string{
		full: "mailbox full (5.2.2): 552 5.2.2 user is over quota",
		"Final-Recipient: rfc822; a@example.org\nAction: Failed\nStatus: 5.1.1":        "no such mailbox (5.1.1)",
		"action: failed\nstatus: 5.0.0\ndiagnostic-code: smtp; 550 5.1.1 no such user": "no such mailbox (5.1.1): 550 5.1.1 no such user",
		"Action: failed\nStatus: 4.4.7 (delivery time expired)":                        "could not be delivered in time (4.4.7)",
		"Action: failed\nStatus: 5.7.509":                                              "refused by policy (5.7.509)",
		"Action: failed":                                                               "not delivered",
		"Action: failed\nStatus: 5.9.9":                                                "not delivered (5.9.9)",
		"Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp;\n 550 blocked link\n https://example.org/password-reset/confirm/" + strings.Repeat("abcdefg2", 6): "refused by policy (5.7.1): 550 blocked link https://example.org/password-reset/confirm/[link]",
		"Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 a\x1b[31mb \u202ec":                                                                           "refused by policy (5.7.1): 550 a [31mb c",
		"Action: delivered\nStatus: 2.0.0\n\n" + full:                                                                                                            "mailbox full (5.2.2): 552 5.2.2 user is over quota",
	} {
		got, err := s.Read(strings.NewReader(notification(s.Of(id), fields)))
		if err != nil || got.Detail != want || got.Delivery != id || got.Server != "mx.example.org" {
			t.Errorf("%s:\ngot  %q %v %q %v\nwant %q", fields, got.Detail, got.Delivery, got.Server, err, want)
		}
	}
}

func TestBounceIsFoundByItsAddress(t *testing.T) {
	s := sender(t, "k")
	address := s.Of(id)
	if local, _, _ := strings.Cut(address, "@"); len(local) > maxLocal {
		t.Errorf("the local part of %s has %d characters", address, len(local))
	}
	for name, to := range map[string]string{
		"upper case": strings.ToUpper(address), "in brackets": "Bounces <" + address + ">", "with a tag": "prvs=1234567=" + address,
		"beside others": "a@example.org, " + address,
	} {
		if got, err := s.Read(strings.NewReader(notification(to, full))); err != nil || got.Delivery != id {
			t.Errorf("%s: got %v, %v", name, got.Delivery, err)
		}
	}
	if _, err := sender(t, "n", "k").Read(strings.NewReader(notification(address, full))); err != nil {
		t.Errorf("after a change of the key: %v", err)
	}
}

func TestForgedBounceIsRefused(t *testing.T) {
	s := sender(t, "k")
	link := NewSender("bounces@example.org", s.keys)
	token := link.keys.Token(reset.PurposeResetLink, id).Encode()
	for name, to := range map[string]string{
		"another key": sender(t, "x").Of(id), "another purpose": "bounces+" + token + "@example.org", "no code": "bounces@example.org",
		"the id alone": "bounces+" + id.String() + "@example.org", "another domain": strings.Replace(s.Of(id), "example.org", "example.com", 1),
		"changed": strings.Replace(s.Of(id), "+", "+a", 1),
	} {
		if _, err := s.Read(strings.NewReader(notification(to, full))); !errors.Is(err, ErrForeign) {
			t.Errorf("%s: got %v, want ErrForeign", name, err)
		}
	}
}

func TestOtherMessagesAreNoBounces(t *testing.T) {
	s := sender(t, "k")
	to := s.Of(id)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"delayed":         {notification(to, "Action: delayed\nStatus: 4.4.1"), ErrNoBounce},
		"delivered":       {notification(to, "Action: delivered\nStatus: 2.0.0"), ErrNoBounce},
		"relayed":         {notification(to, "Action: relayed\nStatus: 2.0.0"), ErrNoBounce},
		"no fields":       {notification(to, ""), ErrNoBounce},
		"automatic reply": {"To: " + to + "\nAuto-Submitted: auto-replied\nSubject: Action: failed\n\nI am away\nStatus: 5.1.1\n", ErrNoReport},
		"a receipt":       {strings.ReplaceAll(notification(to, full), "delivery-status", "disposition-notification"), ErrNoReport},
		"no header":       {"", ErrForeign},
		"binary":          {strings.Repeat("\x00\xff", 1000), ErrNoReport},
		"cut off":         {notification(to, full)[:300], ErrNoReport},
		"no boundary":     {"To: " + to + "\nContent-Type: multipart/report\n\n--x\n", ErrNoReport},
		"too deep":        {nested(to, 50), ErrNoReport},
		"many parts":      {"To: " + to + "\nContent-Type: multipart/report; boundary=x\n\n" + strings.Repeat("--x\n\n\n", 100_000), ErrNoReport},
	} {
		if _, err := s.Read(strings.NewReader(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// A server may encode the report, wrap it, or return a large email with it.
func TestUnusualBouncesAreRead(t *testing.T) {
	s := sender(t, "k")
	encoded := strings.Replace(notification(s.Of(id), "#"), "Content-Type: message/delivery-status\r\n", "Content-Type: Message/Delivery-Status\r\nContent-Transfer-Encoding: base64\r\n", 1)
	before, rest, _ := strings.Cut(encoded, "Reporting-MTA")
	_, after, _ := strings.Cut(rest, "#")
	encoded = before + base64.StdEncoding.EncodeToString([]byte("Reporting-MTA: dns; mx.example.org\n\n"+full+"\n")) + after
	wrapped := "To: " + s.Of(id) + "\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n" + notification("x", full) + "\r\n--outer--\r\n"
	large := strings.Replace(notification(s.Of(id), full), "a link", "a link"+strings.Repeat("\r\n x", 5<<20), 1)
	for name, text := range map[string]string{"encoded": encoded, "wrapped": wrapped, "large": large} {
		if got, err := s.Read(strings.NewReader(text)); err != nil || got.Detail != "mailbox full (5.2.2): 552 5.2.2 user is over quota" {
			t.Errorf("%s: got %q, %v", name, got.Detail, err)
		}
	}
}

func nested(to string, depth int) string {
	text := "To: " + to + "\n"
	for range depth {
		text += "Content-Type: multipart/mixed; boundary=x\n\n--x\n"
	}
	return text + "Content-Type: message/delivery-status\n\nA: b\n\n" + full
}

// Postfix writes a line of an mbox before a message that it pipes.
func TestBounceOfAPipeIsRead(t *testing.T) {
	s := sender(t, "k")
	for _, end := range []string{"\n", "\r\n"} {
		got, err := s.Read(strings.NewReader("From MAILER-DAEMON  Tue May  6 07:08:09 2031" + end + notification(s.Of(id), full)))
		if err != nil || got.Delivery != id {
			t.Errorf("got %v %v", got, err)
		}
	}
	if _, err := s.Read(strings.NewReader("From nobody")); !errors.Is(err, ErrNoReport) && !errors.Is(err, ErrForeign) {
		t.Errorf("a line alone: got %v", err)
	}
}

func TestBaseAddressLeavesRoom(t *testing.T) {
	for address, want := range map[string]bool{"bounces@example.org": true, "elevenchars@example.org": true, "twelve-chars@example.org": false, "a+b@example.org": false} {
		if err := CheckBase(address); (err == nil) != want {
			t.Errorf("%s: got %v", address, err)
		}
	}
}
