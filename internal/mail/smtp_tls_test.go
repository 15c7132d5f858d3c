package mail

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"resetd/internal/testkit/smtpsink"
)

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
