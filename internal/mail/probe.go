package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
)

// Probe connects, encrypts, signs in and names the sender, but sends no email. It
// returns a short description of the result. It returns ErrTrial for a transport
// that only prints emails.
func Probe(ctx context.Context, t Transport, from string) (string, error) {
	switch t := t.(type) {
	case *smtpTransport:
		return t.probe(ctx, from)
	case folder:
		return t.probe()
	default:
		return "", ErrTrial
	}
}

// ErrTrial: emails are printed and not sent.
var ErrTrial = &Error{Text: "emails go to standard output"}

// Name returns the server's address or the folder, for messages.
func Name(t Transport) string {
	switch t := t.(type) {
	case *smtpTransport:
		return t.addr
	case folder:
		return t.dir
	default:
		return "standard output"
	}
}

func (t *smtpTransport) probe(ctx context.Context, from string) (string, error) {
	opened, err := t.Open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = opened.Close() }()
	c, ok := opened.(*smtpConn)
	if !ok {
		return "", fmt.Errorf("mail: can't probe a %T", opened)
	}
	defer c.bound(ctx)()
	// Some servers require a password only for MAIL, or refuse senders that do not
	// belong to the user. RSET cancels MAIL before there is a recipient.
	sender, err := ownAddress(from)
	if err != nil {
		return "", fmt.Errorf("the sender's address %w", err)
	}
	c.enter(StageMail)
	if err := c.client.Mail(sender); err != nil && class(err) != 2 {
		return "", t.failed(StageMail, "the mail server refuses the sender", err)
	}
	if err := c.client.Reset(); err != nil {
		return "", t.failed(StageMail, "the mail server refuses to end the attempt (RSET)", err)
	}
	return fmt.Sprintf("%s answers, %s, and accepts the sender", t.addr, c.manner(t)), nil
}

// manner describes how the connection is protected.
func (c *smtpConn) manner(t *smtpTransport) string {
	text := "in clear on this machine"
	if state, err := c.client.GetTLSConnectionState(); err == nil && state.Version != 0 {
		text = tls.VersionName(state.Version)
	}
	if t.user != "" {
		text += ", user and password are right"
	}
	return text
}

// probe creates a file and removes it. If the folder does not exist, it probes the
// parent, because the first email creates the folder.
func (f folder) probe() (string, error) {
	info, err := os.Stat(f.dir)
	if os.IsNotExist(err) {
		if parent := filepath.Dir(f.dir); parent != f.dir {
			_, err := folder{parent}.probe()
			return f.dir + " is not there yet; the first email creates it", err
		}
	}
	if err == nil && !info.IsDir() {
		return "", &Error{Text: f.dir + " is not a folder"}
	}
	if err != nil {
		return "", failedFile(err)
	}
	temp, err := os.CreateTemp(f.dir, ".mail-*")
	if err != nil {
		return "", failedFile(err)
	}
	_ = temp.Close()
	if err := os.Remove(temp.Name()); err != nil {
		return "", failedFile(err)
	}
	return "emails are written to " + f.dir + " and sent to nobody", nil
}
