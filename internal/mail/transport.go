package mail

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Deadlines of a conversation with a mail server.
const (
	connectTimeout = 10 * time.Second // to reach it
	openTimeout    = 20 * time.Second // to reach it, encrypt and sign in
	quitTimeout    = 2 * time.Second  // to say goodbye
	// SendTimeout is the longest that one mail may take, connection included.
	SendTimeout = 60 * time.Second
)

// Transport leads to a mail server, or to what stands in for one.
type Transport interface {
	// Open connects. Its errors are *Error and never permanent: while there is
	// no server, mails wait.
	Open(ctx context.Context) (Conn, error)
}

// Conn is one connection, which carries any number of mails, one at a time.
type Conn interface {
	// Send returns what the server said when it took the mail, on one line.
	// The error is *Error, whose text is what it said when it didn't, or
	// ErrClosed where nothing of the mail was sent yet.
	Send(ctx context.Context, m *gomail.Msg) (reply string, err error)
	// Close says goodbye. It can be called on a connection that has failed.
	Close() error
}

// Option changes a transport.
type Option func(*smtpTransport)

// HelloAs sets the name that a mail server is greeted with: the host of the base
// URL. Otherwise it is localhost, never the machine's own name.
func HelloAs(host string) Option {
	return func(t *smtpTransport) { t.hello = helloName(host) }
}

const forms = "set it to console:, file:DIR, smtps://HOST:465 or smtp://HOST:587"

// NewTransport understands RESETD_MAIL_URL. User and password may stand in it or
// be given beside it; out is where console: prints. It connects to nothing, and
// what it returns as an error says what to set and shows nothing of the URL,
// which may hold a password.
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
