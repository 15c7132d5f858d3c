package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
)

// Probe goes the way of a mail up to the moment when one would be sent: it
// connects, encrypts, signs in and names the sender. It returns what was met, in
// a few words. A transport that sends to nobody is ErrTrial.
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

// ErrTrial: mails are printed and reach nobody.
var ErrTrial = &Error{Words: "mails go to standard output"}

// Name is the server's address or the folder, for messages.
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
		return "", fmt.Errorf("mail: no conversation in a %T", opened)
	}
	defer c.bound(ctx)()
	// A server may ask for a password only here, or refuse senders that the
	// user doesn't own. RSET takes it back before there is a recipient.
	if err := c.client.Mail(asciiDomain(from)); err != nil {
		return "", t.failed("the mail server refuses the sender", err)
	}
	if err := c.client.Reset(); err != nil {
		return "", t.failed("the mail server does not take the sender back", err)
	}
	return fmt.Sprintf("%s answers, %s, and takes the sender", t.addr, c.manner(t)), nil
}

// manner is how the conversation is protected.
func (c *smtpConn) manner(t *smtpTransport) string {
	words := "in clear on this machine"
	if state, err := c.client.GetTLSConnectionState(); err == nil && state.Version != 0 {
		words = tls.VersionName(state.Version)
	}
	if t.user != "" {
		words += ", user and password are right"
	}
	return words
}

// probe writes a file that is gone at once. A folder that is not there is made
// by the first mail, if it can be.
func (f folder) probe() (string, error) {
	info, err := os.Stat(f.dir)
	if os.IsNotExist(err) {
		if parent := filepath.Dir(f.dir); parent != f.dir {
			_, err := folder{parent}.probe()
			return f.dir + " is not there yet; the first mail makes it", err
		}
	}
	if err == nil && !info.IsDir() {
		return "", &Error{Words: f.dir + " is not a folder"}
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
	return "mails are written to " + f.dir + " and sent to nobody", nil
}
