package mail

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Timeouts of commands that RFC 5321 has no value for.
const (
	resetTimeout = 30 * time.Second // for RSET; then a new connection is made
	quitTimeout  = 2 * time.Second
)

// Transport opens connections to a mail server or its replacement.
type Transport interface {
	// Open connects. Its errors are *Error and never permanent: emails wait while
	// the server is unavailable.
	Open(ctx context.Context) (Conn, error)
}

// Conn is a connection that sends emails one at a time.
type Conn interface {
	// Send returns the server's reply on one line. The error is an *Error that
	// contains the reply, or ErrClosed if no part of the email was sent.
	Send(ctx context.Context, m *gomail.Msg) (reply string, err error)
	// Close ends the session. It may be called after a failure.
	Close() error
}

// Option changes a transport.
type Option func(*smtpTransport)

// HelloAs sets the name in the greeting to the mail server: the host of the base
// URL. The default is localhost, never the machine's own name.
func HelloAs(host string) Option {
	return func(t *smtpTransport) { t.hello = helloName(host) }
}

// Watch calls f before each stage of a session with what happens next, for an operator
// who waits: the server may take minutes for each.
func Watch(f func(doing string)) Option {
	return func(t *smtpTransport) { t.watch = f }
}

const forms = "set it to console:, file:DIR, smtps://HOST:465 or smtp://HOST:587"

// NewTransport parses RESETD_MAIL_URL. User and password are either in the URL or
// passed separately. console: prints to out. NewTransport does not connect. Its
// errors name the setting to correct, and never quote the URL, which may contain a
// password.
func NewTransport(rawURL, user, password string, out io.Writer, options ...Option) (Transport, error) {
	scheme, rest, _ := strings.Cut(rawURL, ":")
	if scheme != "smtp" && scheme != "smtps" && (user != "" || password != "") {
		return nil, errors.New("a user or a password is set, but only smtp:// and smtps:// sign in")
	}
	switch scheme {
	case "smtp", "smtps":
		return newSMTP(rawURL, user, password, options)
	case "file":
		return newFolder(rest)
	case "console":
		if rest != "" {
			return nil, errors.New("set it to console: and nothing more")
		}
		return newConsole(out), nil
	default:
		return nil, errors.New(forms)
	}
}
