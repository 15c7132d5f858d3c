package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// smtpTransport is a mail server. Only its address is printed.
type smtpTransport struct {
	addr, host     string
	hello          string
	user, password string
	implicit       bool // TLS from the first byte (RFC 8314)
	clear          bool // no TLS, allowed only on loopback
	tls            *tls.Config
	timeouts       map[Stage]time.Duration
	watch          func(doing string) // may be nil
}

// LogValue keeps the password out of every log.
func (t *smtpTransport) LogValue() slog.Value { return slog.StringValue(t.addr) }

// Format keeps the password out of every message.
func (t *smtpTransport) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, t.addr) }

// Open implements Transport.
func (t *smtpTransport) Open(ctx context.Context) (Conn, error) {
	t.enter(StageConnect)
	event(ctx, StageConnect)
	raw, err := (&net.Dialer{Timeout: t.timeouts[StageConnect]}).DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return nil, t.failed(StageConnect, "the mail server can't be reached", err)
	}
	c := &smtpConn{line: &line{Conn: raw}, secrets: t.secrets(), timeouts: t.timeouts, entered: t.enter, trace: ctx}
	release := c.bound(ctx)
	defer release()
	if err = t.greet(ctx, c); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

// greet prepares the connection for the first email. It sends only the greeting
// before the connection is encrypted.
func (t *smtpTransport) greet(ctx context.Context, c *smtpConn) (err error) {
	var conn net.Conn = c.line
	if t.implicit {
		c.enter(StageTLS)
		encrypted := tls.Client(conn, t.tls)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return t.failed(StageTLS, "no encrypted connection to the mail server", err)
		}
		conn = encrypted
	}
	c.enter(StageGreeting)
	if c.client, err = smtp.NewClient(conn, t.host); err != nil {
		return t.failed(StageGreeting, "the mail server does not greet", err)
	}
	c.enter(StageHello)
	if err := c.client.Hello(t.hello); err != nil {
		return t.failed(StageHello, "the mail server does not accept our greeting", err)
	}
	if err := t.encrypt(c); err != nil {
		return err
	}
	return t.signIn(c)
}

func (t *smtpTransport) encrypt(c *smtpConn) error {
	if t.implicit || t.clear {
		return nil
	}
	c.enter(StageTLS)
	// An attacker on the network may remove the offer, so no email is sent without it.
	if offered, _ := c.client.Extension("STARTTLS"); !offered {
		return t.failed(StageTLS, "no encrypted connection to the mail server", errors.New("it does not offer STARTTLS"))
	}
	if err := c.client.StartTLS(t.tls); err != nil {
		if _, inClear := errors.AsType[tls.RecordHeaderError](err); inClear {
			err = errors.New("it stays in clear after STARTTLS")
		}
		return t.failed(StageTLS, "no encrypted connection to the mail server", err)
	}
	return nil
}

func (t *smtpTransport) signIn(c *smtpConn) error {
	if t.user == "" {
		return nil
	}
	c.enter(StageSignIn)
	_, offered := c.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	if old, _ := c.client.Extension("AUTH=LOGIN"); old { // the form before RFC 2554, which some servers still use alone
		mechanisms = append(mechanisms, "LOGIN")
	}
	var auth smtp.Auth
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		auth = smtp.PlainAuth("", t.user, t.password, t.host, t.clear)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = smtp.LoginAuth(t.user, t.password, t.host, t.clear)
	default:
		return t.failed(StageSignIn, "the mail server offers no supported sign-in", errors.New("it offers neither AUTH PLAIN nor AUTH LOGIN"))
	}
	if err := c.client.Auth(auth); err != nil {
		return t.failed(StageSignIn, "the mail server refuses user and password", err)
	}
	return nil
}

func (t *smtpTransport) failed(at Stage, what string, err error) error {
	return &Error{Text: clip(what + ": " + describe(err, t.secrets())), Stage: at, cause: err}
}

// secrets returns the password in every form in which it is sent, because servers
// quote lines that they do not understand.
func (t *smtpTransport) secrets() []string {
	if t.password == "" {
		return nil
	}
	encode := base64.StdEncoding.EncodeToString
	return []string{encode([]byte("\x00" + t.user + "\x00" + t.password)), encode([]byte(t.password)), t.password}
}
