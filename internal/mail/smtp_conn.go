package mail

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/textproto"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// smtpConn is an SMTP session. go-mail's Client hides the server's replies in error
// texts and can't be interrupted, so smtpConn uses go-mail's smtp package directly.
type smtpConn struct {
	line     *line
	client   *smtp.Client
	secrets  []string
	timeouts map[Stage]time.Duration
	entered  func(Stage) // may be nil
	stage    Stage
	trace    context.Context //nolint:containedctx // of the email that is being sent, for its stages
	used     bool            // an email was sent or attempted
	broken   bool            // no command can be sent any more
}

// enter gives the server the time of a stage. The time of one stage does not reduce
// that of another.
func (c *smtpConn) enter(s Stage) {
	c.stage = s
	event(c.trace, s)
	if c.entered != nil {
		c.entered(s)
	}
	c.line.allow(c.timeouts[s])
}

// bound interrupts reads and writes when ctx ends.
func (c *smtpConn) bound(ctx context.Context) (release func() bool) {
	return context.AfterFunc(ctx, c.line.interrupt)
}

// Send implements Conn.
func (c *smtpConn) Send(ctx context.Context, m *gomail.Msg) (string, error) {
	from, to, err := c.envelope(m)
	if err != nil {
		return "", err
	}
	c.trace = ctx
	defer c.bound(ctx)()
	if c.line.allow(resetTimeout); c.used && c.client.Reset() != nil {
		c.broken = true
		return "", ErrClosed
	}
	c.used = true
	err = c.transact(from, to, m)
	if c.stage == StageEnd && class(err) == 2 {
		return describe(err, c.secrets), nil
	}
	c.broken = class(err) != 4 && class(err) != 5
	stage := c.stage
	if stage.ofEmail() && refusesSender(err) {
		stage = StageMail
	}
	return "", &Error{
		Text: c.text(ctx, err), Stage: stage, Permanent: stage.ofEmail() && refusal(err),
		Unanswered: c.broken && c.stage == StageEnd && !c.line.writeFailed(), cause: err,
	}
}

func (c *smtpConn) text(ctx context.Context, err error) string {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "resetd stopped this attempt, not the mail server"
	}
	return describe(err, c.secrets)
}

// transact sends MAIL, RCPT and DATA for one email and returns the server's last reply, or
// why there is none. The text is written after the server's reply to DATA, which may take
// minutes, and as a whole, so no partial email reaches the server.
func (c *smtpConn) transact(from, to string, m *gomail.Msg) error {
	c.enter(StageMail)
	if err := c.client.Mail(from); err != nil && class(err) != 2 {
		return err
	}
	c.enter(StageRcpt)
	if err := c.client.Rcpt(to); err != nil && class(err) != 2 {
		return err
	}
	c.enter(StageData)
	w, err := c.client.Data()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := m.WriteTo(&text); err != nil {
		return err
	}
	c.enter(StageText)
	if _, err := w.Write(text.Bytes()); err != nil {
		return err
	}
	c.enter(StageEnd)
	err = w.Close()
	if answered, ok := w.(*smtp.DataCloser); ok && err == nil {
		err = &textproto.Error{Code: 250, Msg: answered.ServerResponse()}
	}
	return err
}

// envelope returns the sender and the recipient. It requests SMTPUTF8 only for a
// recipient that needs it, because some servers offer SMTPUTF8 and then can't
// forward the email.
func (c *smtpConn) envelope(m *gomail.Msg) (from, to string, err error) {
	if from, err = m.GetSender(false); err != nil {
		return "", "", permanent("the email has no sender")
	}
	all, err := m.GetRecipients()
	if err != nil || len(all) != 1 {
		return "", "", permanent("the email must have one recipient")
	}
	to = all[0]
	c.client.SkipSMTPUTF8(ascii(to))
	if offered, _ := c.client.Extension("SMTPUTF8"); !offered && !ascii(to) {
		return "", "", permanent("the mail server accepts no addresses with non-ASCII letters before the @ (it lacks SMTPUTF8)")
	}
	return from, to, nil
}

// Close implements Conn.
func (c *smtpConn) Close() error {
	if !c.broken {
		c.line.allow(quitTimeout)
		_ = c.client.Quit()
	}
	return c.line.Close()
}

// line is a connection whose reads and writes end with the timeout of a stage, or
// when interrupt is called.
type line struct {
	net.Conn
	mu          sync.Mutex
	interrupted bool
	broken      bool // a write failed
	received    int  // bytes at this stage
}

// maxReceived is how many bytes a server may send at one stage, with its certificates.
// Otherwise a reply without an end would fill the memory. A reply has a few lines of at
// most 512 bytes (RFC 5321, section 4.5.3.1.5).
const maxReceived = 256 << 10

var errLongReply = errors.New("the mail server's reply is too long")

func (l *line) allow(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.received = 0
	if !l.interrupted {
		_ = l.SetDeadline(time.Now().Add(d))
	}
}

func (l *line) interrupt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interrupted = true
	_ = l.SetDeadline(time.Unix(1, 0))
}

// Read implements net.Conn.
func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.received += n; l.received > maxReceived {
		return 0, errLongReply
	}
	return n, err
}

// Write implements net.Conn.
func (l *line) Write(p []byte) (int, error) {
	n, err := l.Conn.Write(p)
	if err != nil {
		l.mu.Lock()
		l.broken = true
		l.mu.Unlock()
	}
	return n, err
}

func (l *line) writeFailed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}
