package mail

import (
	"errors"
	"io"
	"net/textproto"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxReply is the maximum length of a stored reply, in bytes.
const maxReply = 500

// Error is why an email was not sent. Text is one line for the record that
// staff read: the server's reply if there is one.
type Error struct {
	Text       string
	Stage      Stage // of the SMTP session; empty if there was none
	Permanent  bool  // another attempt would fail too
	Unanswered bool  // the server has the email, but did not confirm it
	cause      error
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.cause }

// IsPermanent reports whether another attempt would fail too. An unknown error is
// not permanent, because a waiting email can still be sent.
func IsPermanent(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Permanent
}

// isUnanswered reports whether the email may have been sent.
func isUnanswered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Unanswered
}

// isOutage reports whether the error concerns every email: the server can't be used,
// or refuses the sender.
func isOutage(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Stage != "" && !e.Stage.ofEmail()
}

// Connected reports whether the server was reached, so host, port and network are right.
func Connected(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Stage != "" && e.Stage != StageConnect
}

// ErrClosed: the server closed the connection between two emails. No part of the
// second one was sent. It can be sent over a new connection.
var ErrClosed = errors.New("the mail server closed the connection")

func permanent(text string) error { return &Error{Text: clip(text), Permanent: true} }

// ourFault lists the reply codes that concern the connection and not the email: a
// missing or wrong sign-in or encryption (RFC 4954, section 6; RFC 3207, section
// 4). Emails wait until an operator corrects the settings.
var ourFault = []int{530, 534, 535, 538}

// class returns the first digit of a reply, which alone decides (RFC 5321, section
// 4.2.1); 0 if the server did not reply.
func class(err error) int {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return 0
	}
	return reply.Code / 100
}

// refusal reports whether err is a permanent refusal of one email (5xx).
func refusal(err error) bool {
	var reply *textproto.Error
	return class(err) == 5 && errors.As(err, &reply) && !slices.Contains(ourFault, reply.Code)
}

// senderRefused matches how servers refuse a sender in a later stage: Postfix by default
// at RCPT (smtpd_delay_reject), Amazon SES after the text. A server that does not relay for
// us refuses every recipient elsewhere.
var senderRefused = regexp.MustCompile(`(?i)sender address rejected|relay access denied|relaying (is )?denied|unable to relay|not permitted to relay|email address is not verified`)

// refusesSender reports whether err refuses the sender, which concerns every email.
func refusesSender(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && senderRefused.MatchString(reply.Msg)
}

// describe returns an error in words for people, without the secrets.
func describe(err error, secrets []string) string {
	var reply *textproto.Error
	text := err.Error()
	switch {
	case errors.As(err, &reply):
		text = strconv.Itoa(reply.Code) + " " + reply.Msg // reply.Error would add quotes
	case errors.Is(err, os.ErrDeadlineExceeded):
		text = "the mail server did not answer in time"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		text = ErrClosed.Error()
	}
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	return clip(text)
}

// clip shortens a reply to one line of at most maxReply bytes.
func clip(text string) string {
	text = oneLine(text, maxReply)
	if len(text) > maxReply {
		text = strings.ToValidUTF8(text[:maxReply], "")
	}
	return text
}

// ReplyOf returns the class of the mail server's reply (2xx, 4xx, 5xx) and the stage of
// the session at which it came. The class is "none" if the server did not reply. Without
// an error the server accepted the email.
func ReplyOf(err error) (class string, at Stage) {
	if err == nil {
		return "2xx", StageEnd
	}
	if e, ok := errors.AsType[*Error](err); ok {
		at = e.Stage
	}
	if reply, ok := errors.AsType[*textproto.Error](err); ok && reply.Code >= 100 && reply.Code < 1000 {
		return strconv.Itoa(reply.Code/100) + "xx", at
	}
	return "none", at
}
