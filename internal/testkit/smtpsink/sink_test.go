package smtpsink

import (
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const text = "Subject: Hello\r\n\r\nText\r\n"

// send uses the SMTP client of the standard library, because it is independent of the
// client that the sink tests.
func send(s *Sink, to string) error {
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.Mail("accounts@example.org"); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return w.Close()
}

// answer returns the reply of the server in an error, or the error's text.
func answer(err error) string {
	var reply *textproto.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &reply):
		return fmt.Sprint(reply.Code, " ", reply.Msg)
	default:
		return err.Error()
	}
}

func TestSinkKeepsEmails(t *testing.T) {
	s := Start(t, Options{Security: Clear})
	if err := send(s, "user@example.org"); err != nil {
		t.Fatal(err)
	}
	m := s.Wait(t, 1)[0]
	if m.From != "accounts@example.org" || len(m.To) != 1 || m.To[0] != "user@example.org" || m.Data != text || m.TLS {
		t.Errorf("kept %+v", m)
	}
	if s.Connections() != 1 || !strings.Contains(s.Heard(), "RCPT TO:<user@example.org>") {
		t.Errorf("%d connections, heard %q", s.Connections(), s.Heard())
	}
}

func TestRulesApplyOnce(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule Rule
		want string
	}{
		{"refuses senders", Rule{At: Mail, Code: 451, Text: "later"}, "451 later"},
		{"refuses a recipient", Rule{At: Rcpt, Recipient: "user@example.org", Code: 550, Text: "5.1.1 no such user"}, "550 5.1.1 no such user"},
		{"refuses an email", Rule{At: Data, Recipient: "user@example.org", Code: 554, Text: "spam"}, "554 spam"},
		{"drops the connection", Rule{At: Data, Drop: true}, "EOF"},
		{"condition is false", Rule{At: Data, Code: 451, When: func() bool { return false }}, ""},
		{"is for another recipient", Rule{At: Rcpt, Recipient: "other@example.org", Code: 550}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := Start(t, Options{Security: Clear})
			tt.rule.Times = 1
			s.Add(tt.rule)
			if got := answer(send(s, "user@example.org")); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if err := send(s, "user@example.org"); err != nil {
				t.Errorf("the rule applied a second time: %v", err)
			}
		})
	}
}

func TestStoredEmailWithoutAnAnswer(t *testing.T) {
	var taken []Message
	s := Start(t, Options{Security: Clear, Take: func(m Message) { taken = append(taken, m) }})
	s.Add(Rule{At: Taken, Drop: true})
	if got := answer(send(s, "user@example.org")); got != "EOF" {
		t.Errorf("got %q, want no answer", got)
	}
	s.RemoveRules()
	if err := send(s, "other@example.org"); err != nil {
		t.Error(err)
	}
	if len(taken) != 2 || taken[0].To[0] != "user@example.org" || taken[0].Data != text || len(s.Messages()) != 0 {
		t.Errorf("Take got %+v, and the sink kept %d emails", taken, len(s.Messages()))
	}
}
