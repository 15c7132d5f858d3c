package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestSTARTTLS(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	reply, err := send(t, sink.URL())
	if err != nil || !strings.HasPrefix(reply, "250 ") {
		t.Fatalf("reply %q, %v", reply, err)
	}
	m := sink.Wait(t, 1)[0]
	if !m.TLS || m.From != "accounts@example.org" || len(m.To) != 1 || m.To[0] != "user@example.org" || m.Hello != "accounts.example.org" {
		t.Errorf("arrived: TLS %v, from %s, to %v, hello %s", m.TLS, m.From, m.To, m.Hello)
	}
	if link := "/password-reset/confirm/" + testToken().Encode(); !strings.Contains(open(t, m.Data).text, link) {
		t.Error("the link did not arrive")
	}
	if heard := sink.Heard(); strings.Contains(heard, "MAIL FROM") || strings.Contains(heard, "Example Site") {
		t.Error("the email went in clear")
	}
}

func TestImplicitTLS(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Implicit})
	if _, err := send(t, sink.URL()); err != nil {
		t.Fatal(err)
	}
	if m := sink.Wait(t, 1)[0]; !m.TLS || strings.Contains(sink.Heard(), "EHLO") {
		t.Error("the email went in clear")
	}
}

func TestUnencryptedSMTPOnLoopback(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear, User: "user", Password: "secret"})
	if _, err := send(t, sink.URL(), "user", "secret"); err != nil {
		t.Fatal(err)
	}
	if m := sink.Wait(t, 1)[0]; m.TLS || m.User != "user" {
		t.Errorf("TLS %v, user %q", m.TLS, m.User)
	}
}

func TestNothingIsSentWithoutSTARTTLS(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear, User: "user@example.org", Password: "secret"})
	_, err := send(t, "smtp://"+sink.Addr(), "user@example.org", "secret")
	waits(t, err, "does not offer STARTTLS")
	silent(t, sink.Heard())
}

func TestNothingIsSentToAnUntrustedServer(t *testing.T) {
	for _, security := range []smtpsink.Security{smtpsink.StartTLS, smtpsink.Implicit} {
		sink := smtpsink.Start(t, smtpsink.Options{Security: security, User: "user", Password: "secret"})
		url, _, _ := strings.Cut(sink.URL(), "?")
		_, err := send(t, url, "user", "secret")
		waits(t, err, "unknown authority")
		silent(t, sink.Heard())
	}
}

// The server offers STARTTLS, then stays in plain text and sends its replies in
// advance.
func TestNothingIsSentIfSTARTTLSFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	heard := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		lines := bufio.NewReader(conn)
		_, _ = fmt.Fprint(conn, "220 liar\r\n")
		hello, _ := lines.ReadString('\n')
		_, _ = fmt.Fprint(conn, "250-liar\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
		startTLS, _ := lines.ReadString('\n')
		_, _ = fmt.Fprint(conn, "220 go ahead\r\n250-liar\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok\r\n250 ok\r\n")
		rest := make([]byte, 4096)
		n, _ := lines.Read(rest)
		heard <- hello + startTLS + string(rest[:n])
	}()
	_, err = send(t, "smtp://"+listener.Addr().String(), "user", "secret")
	waits(t, err, "no encrypted connection")
	silent(t, <-heard)
}

// waits fails unless the error is temporary and contains the words.
func waits(t testing.TB, err error, words string) {
	t.Helper()
	if err == nil || IsPermanent(err) || !strings.Contains(err.Error(), words) {
		t.Errorf("got %v (permanent: %v), want a temporary error with %q", err, IsPermanent(err), words)
	}
}

// silent fails if more than greetings was sent in plain text.
func silent(t testing.TB, heard string) {
	t.Helper()
	for _, command := range []string{"AUTH", "MAIL FROM", "RCPT", "secret", "c2VjcmV0"} {
		if strings.Contains(heard, command) {
			t.Errorf("%s went in clear", command)
		}
	}
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

func TestCancelInterruptsAStall(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Stall: true})
	conn := dial(t, sink.URL())
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := conn.Send(ctx, message(t))
		result <- err
	}()
	sink.WaitStalled(t, 1)
	cancel()
	waits(t, <-result, "stopped this attempt")
}

func TestDeadlineInterruptsAStall(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Data, Stall: true})
	conn := dial(t, sink.URL())
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	_, err := conn.Send(ctx, message(t))
	waits(t, err, "did not answer in time")
}

// A server that is slow at one stage does not lose the time of the next.
func TestEachStageHasItsOwnTimeout(t *testing.T) {
	for stage, least := range map[Stage]time.Duration{ // RFC 5321, section 4.5.3.2
		StageGreeting: 5 * time.Minute, StageHello: 5 * time.Minute, StageMail: 5 * time.Minute, StageRcpt: 5 * time.Minute, StageData: 2 * time.Minute, StageText: 3 * time.Minute, StageEnd: 10 * time.Minute,
	} {
		if rfcTimeouts[stage] < least {
			t.Errorf("%s: %v, want at least %v", stage, rfcTimeouts[stage], least)
		}
	}
	sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	tr := transport(t, sink.URL(), "user", "secret").(*smtpTransport)
	raw, err := net.Dial("tcp", sink.Addr())
	must(t, err)
	defer func() { _ = raw.Close() }()
	timed := &timedConn{Conn: raw}
	c := &smtpConn{line: &line{Conn: timed}, timeouts: map[Stage]time.Duration{
		StageGreeting: 1 * time.Hour, StageHello: 9 * time.Hour, StageTLS: 2 * time.Hour, StageSignIn: 3 * time.Hour, StageMail: 4 * time.Hour,
		StageRcpt: 5 * time.Hour, StageData: 6 * time.Hour, StageText: 7 * time.Hour, StageEnd: 8 * time.Hour,
	}}
	must(t, tr.greet(t.Context(), c))
	if _, err := c.Send(t.Context(), message(t)); err != nil {
		t.Fatal(err)
	}
	if want := []int{1, 9, 2, 3, 0, 4, 5, 6, 7, 8}; !slices.Equal(timed.hours, want) { // 0 is RSET
		t.Errorf("timeouts in hours: %v, want %v", timed.hours, want)
	}
}

// timedConn keeps the deadlines, in hours from now.
type timedConn struct {
	net.Conn
	hours []int
}

func (c *timedConn) SetDeadline(t time.Time) error {
	c.hours = append(c.hours, int(time.Until(t).Round(time.Hour)/time.Hour))
	return c.Conn.SetDeadline(t)
}

// After the whole email was handed over, silence does not mean that it was refused.
func TestSilenceAfterTheTextIsUnanswered(t *testing.T) {
	for name, tt := range map[string]struct {
		rule    smtpsink.Rule
		timeout Stage
		want    bool
	}{
		"no reply to RCPT":          {smtpsink.Rule{At: smtpsink.Rcpt, Stall: true}, StageRcpt, false},
		"connection closed at RCPT": {smtpsink.Rule{At: smtpsink.Rcpt, Drop: true}, "", false},
		"no reply to the text":      {smtpsink.Rule{At: smtpsink.Taken, Stall: true}, StageEnd, true},
		"closed after the text":     {smtpsink.Rule{At: smtpsink.Taken, Drop: true}, "", true},
		"text refused":              {smtpsink.Rule{At: smtpsink.Data, Code: 451, Text: "later"}, "", false},
	} {
		sink := smtpsink.Start(t, smtpsink.Options{})
		sink.Add(tt.rule)
		conn := dial(t, sink.URL()).(*smtpConn)
		if conn.timeouts = maps.Clone(rfcTimeouts); tt.timeout != "" {
			conn.timeouts[tt.timeout] = time.Millisecond
		}
		if _, err := conn.Send(t.Context(), message(t)); err == nil || isUnanswered(err) != tt.want || IsPermanent(err) {
			t.Errorf("%s: got %v (unanswered: %v), want %v", name, err, isUnanswered(err), tt.want)
		}
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

func TestCancelInterruptsTheGreeting(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		cancel() // after the connection, instead of a greeting
		<-ctx.Done()
		_, _ = conn.Read(make([]byte, 1)) // until the client gives up
		_ = conn.Close()
	}()
	_, err = transport(t, "smtp://"+listener.Addr().String()).Open(ctx)
	waits(t, err, "mail server")
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
