package mail

import (
	"errors"
	"net"
	"strings"
	"testing"

	"resetd/internal/reset"
	"resetd/internal/testkit/smtpsink"
)

// send opens a connection and sends one mail.
func send(t testing.TB, url string, credentials ...string) (string, error) {
	t.Helper()
	conn, err := transport(t, url, credentials...).Open(t.Context())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	return conn.Send(t.Context(), message(t))
}

func TestSignIn(t *testing.T) {
	const user, password = "accounts@example.org", "p w/ü:@#%"
	for _, mechanisms := range [][]string{{"PLAIN", "LOGIN"}, {"LOGIN"}} {
		sink := smtpsink.Start(t, smtpsink.Options{User: user, Password: password, Mechanisms: mechanisms})
		if _, err := send(t, sink.URL(), user, password); err != nil {
			t.Fatalf("%v: %v", mechanisms, err)
		}
		if m := sink.Wait(t, 1)[0]; m.User != user || !m.TLS {
			t.Errorf("%v: user %q, TLS %v", mechanisms, m.User, m.TLS)
		}
		silent(t, sink.Heard())
	}
}

func TestCredentialsInURL(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{User: "a@example.org", Password: "p/w"})
	if _, err := send(t, strings.Replace(sink.URL(), "smtp://", "smtp://a@example.org:p%2Fw@", 1)); err != nil {
		t.Error(err)
	}
}

func TestWrongCredentialsAreTemporary(t *testing.T) {
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret", Mechanisms: []string{mechanism}})
		_, err := send(t, sink.URL(), "user", "hunter22")
		waits(t, err, "refuses user and password: 535")
		if strings.Contains(err.Error(), "hunter22") {
			t.Errorf("the error shows the password: %v", err)
		}
		_, err = send(t, sink.URL())
		waits(t, err, "530 5.7.0 Authentication required")
	}
	sink := smtpsink.Start(t, smtpsink.Options{})
	_, err := send(t, sink.URL(), "user", "secret")
	waits(t, err, "neither AUTH PLAIN nor AUTH LOGIN")
}

func TestEchoedPasswordIsHidden(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "hunter22"})
	sink.Add(smtpsink.Rule{At: smtpsink.Data, Code: 550, Text: "what is hunter22 and AHVzZXIAaHVudGVyMjI= and aHVudGVyMjI="})
	_, err := send(t, sink.URL(), "user", "hunter22")
	if err == nil || err.Error() != "550 what is [secret] and [secret] and [secret]" {
		t.Errorf("got %v", err)
	}
}

func TestUnreachableServerIsTemporary(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := listener.Addr().String()
	_ = listener.Close()
	_, err = send(t, "smtp://"+addr)
	waits(t, err, "can't be reached")
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		rule      smtpsink.Rule
		want      string
		permanent bool
	}{
		{smtpsink.Rule{At: smtpsink.Rcpt, Code: 550, Text: "5.1.1 no such user"}, "550 5.1.1 no such user", true},
		{smtpsink.Rule{At: smtpsink.Mail, Code: 553, Text: "sender not allowed"}, "553 sender not allowed", false},
		{smtpsink.Rule{At: smtpsink.Data, Code: 554, Text: "two\nlines"}, "554 two lines", true},
		{smtpsink.Rule{At: smtpsink.Rcpt, Code: 450, Text: "4.2.0 greylisted"}, "450 4.2.0 greylisted", false},
		{smtpsink.Rule{At: smtpsink.Mail, Code: 421, Text: "shutting down"}, "421 shutting down", false},
		{smtpsink.Rule{At: smtpsink.Data, Code: 452, Text: "disk full"}, "452 disk full", false},
		{smtpsink.Rule{At: smtpsink.Mail, Code: 530, Text: "sign in first"}, "530 sign in first", false},
		{smtpsink.Rule{At: smtpsink.Rcpt, Drop: true}, ErrClosed.Error(), false},
		{smtpsink.Rule{At: smtpsink.Data, Drop: true}, ErrClosed.Error(), false}, // unanswered
		{smtpsink.Rule{At: smtpsink.Rcpt, Code: 550, Text: strings.Repeat("long ", 200)}, "550 long", true},
	} {
		sink := smtpsink.Start(t, smtpsink.Options{})
		sink.Add(tt.rule)
		_, err := send(t, sink.URL())
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || IsPermanent(err) != tt.permanent || len(err.Error()) > maxReply {
			t.Errorf("%+v: got %q (permanent: %v), want %q (%v)", tt.rule, err, IsPermanent(err), tt.want, tt.permanent)
		}
	}
}

func TestSeveralMailsOverOneConnection(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Recipient: "unknown@example.org", Code: 550, Text: "no such user"})
	conn := dial(t, sink.URL())
	for _, address := range []string{"first@example.org", "unknown@example.org", "second@example.org"} {
		_, err := conn.Send(t.Context(), message(t, to(address)))
		if unknown := address == "unknown@example.org"; unknown != IsPermanent(err) || unknown != (err != nil) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if got := sink.Wait(t, 2); len(got) != 2 || got[1].To[0] != "second@example.org" || len(got[1].To) != 1 || sink.Connections() != 1 {
		t.Errorf("%d emails, %d connections", len(got), sink.Connections())
	}
}

func TestConnectionClosedBetweenMails(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	conn := dial(t, sink.URL())
	if _, err := conn.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*smtpConn).line.Close()
	if _, err := conn.Send(t.Context(), message(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

// A refusal of the sender or of the connection says nothing about one email.
func TestRefusalOfTheSenderIsAnOutage(t *testing.T) {
	for _, code := range []int{421, 451, 530, 550, 553, 554} {
		for stage, want := range map[smtpsink.Stage]bool{smtpsink.Mail: true, smtpsink.Rcpt: false, smtpsink.Data: false} {
			sink := smtpsink.Start(t, smtpsink.Options{})
			sink.Add(smtpsink.Rule{At: stage, Code: code, Text: "no"})
			_, err := send(t, sink.URL())
			if isOutage(err) != want || want && IsPermanent(err) {
				t.Errorf("%d at %s: outage %v, permanent %v", code, stage, isOutage(err), IsPermanent(err))
			}
		}
	}
}

// Servers may refuse the sender later than at MAIL.
func TestLateRefusalOfTheSenderIsAnOutage(t *testing.T) {
	for text, stage := range map[string]smtpsink.Stage{
		"5.7.1 <resetd@example.org>: Sender address rejected: not owned by user":                               smtpsink.Rcpt,
		"5.7.1 <user@example.org>: Relay access denied":                                                        smtpsink.Rcpt,
		"Message rejected: Email address is not verified. The following identities failed: resetd@example.org": smtpsink.Data,
	} {
		sink := smtpsink.Start(t, smtpsink.Options{})
		sink.Add(smtpsink.Rule{At: stage, Code: 554, Text: text})
		if _, err := send(t, sink.URL()); !isOutage(err) || IsPermanent(err) {
			t.Errorf("%s: %v is no outage", text, err)
		}
	}
}

func TestInternationalRecipients(t *testing.T) {
	able := smtpsink.Start(t, smtpsink.Options{SMTPUTF8: true})
	conn := dial(t, able.URL())
	for _, address := range []string{"jörg@bücher.example", "user@bücher.example"} {
		if _, err := conn.Send(t.Context(), message(t, to(address))); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
	}
	got := able.Wait(t, 2)
	if got[0].To[0] != "jörg@xn--bcher-kva.example" || !got[0].UTF8 {
		t.Errorf("to %v, SMTPUTF8 %v", got[0].To, got[0].UTF8)
	}
	if got[1].To[0] != "user@xn--bcher-kva.example" || got[1].UTF8 {
		t.Errorf("to %v, SMTPUTF8 %v", got[1].To, got[1].UTF8)
	}
	unable := dial(t, smtpsink.Start(t, smtpsink.Options{}).URL())
	if _, err := unable.Send(t.Context(), message(t, to("jörg@bücher.example"))); !IsPermanent(err) || !strings.Contains(err.Error(), "SMTPUTF8") {
		t.Errorf("got %v, want a permanent error that names SMTPUTF8", err)
	}
	if _, err := unable.Send(t.Context(), message(t)); err != nil {
		t.Errorf("the next mail: %v", err)
	}
}

// The library quotes local parts that SMTP does not take as they are.
func TestRCPTContainsTheStoredAddress(t *testing.T) {
	long := strings.Repeat("long", 30) + "@example.org"
	for stored, want := range map[string]string{
		"user@example.org":          "user@example.org",
		"User+tag@Example.org":      "User+tag@Example.org",
		"taro..yamada@example.org":  `"taro..yamada"@example.org`,
		"taro.@example.org":         `"taro."@example.org`,
		".hanako@example.org":       `".hanako"@example.org`,
		"x@my_host.example.org":     "x@my_host.example.org",
		`"john doe"@example.org`:    `"john doe"@example.org`,
		`"john"@example.org`:        "john@example.org",
		`"a\"b\\c"@example.org`:     `"a\"b\\c"@example.org`,
		`"a@b, c"@example.org`:      `"a@b, c"@example.org`,
		`"> SIZE=1"@example.org`:    `"> SIZE=1"@example.org`,
		"user@bücher.example":       "user@xn--bcher-kva.example",
		"o'hara!#$%&*/=?@localhost": "o'hara!#$%&*/=?@localhost",
		long:                        long,
	} {
		sink := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear})
		conn, err := transport(t, sink.URL()).Open(t.Context())
		must(t, err)
		msg, err := newComposer(t, site).Compose(linkMail(func(m *reset.Mail) { m.Delivery.Recipient = stored }))
		if err != nil {
			t.Errorf("%s: %v", stored, err)
			continue
		}
		if _, err := conn.Send(t.Context(), msg); err != nil {
			t.Errorf("%s: %v", stored, err)
		}
		_ = conn.Close()
		if heard := "\r\nRCPT TO:<" + want + ">\r\n"; !strings.Contains(sink.Heard(), heard) || strings.Count(sink.Heard(), "RCPT TO") != 1 {
			t.Errorf("%s: want %q in:\n%.400s", stored, heard, sink.Heard())
		}
	}
}
