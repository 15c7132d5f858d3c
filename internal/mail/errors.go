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
func IsPermanent(err error) bool { return detail(err).Permanent }

// isUnanswered reports whether the email may have been sent.
func isUnanswered(err error) bool { return detail(err).Unanswered }

// isOutage reports whether the error concerns every email: the server can't be used,
// or refuses the sender.
func isOutage(err error) bool {
	at := detail(err).Stage
	return at != "" && !at.ofEmail()
}

// Connected reports whether the server was reached, so host, port and network are right.
func Connected(err error) bool {
	at := detail(err).Stage
	return at != "" && at != StageConnect
}

// detail returns what is known about an error; nothing if it is of another kind.
func detail(err error) Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return *e
	}
	return Error{}
}

// replied returns the server's reply; the zero reply if there is none.
func replied(err error) textproto.Error {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return *reply
	}
	return textproto.Error{}
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
func class(err error) int { return replied(err).Code / 100 }

// refusal reports whether err is a permanent refusal of one email (5xx).
func refusal(err error) bool { return class(err) == 5 && !slices.Contains(ourFault, replied(err).Code) }

// senderRefused matches how servers refuse a sender in a later stage: Postfix by default
// at RCPT (smtpd_delay_reject), Amazon SES after the text. A server that does not relay for
// us refuses every recipient elsewhere.
var senderRefused = regexp.MustCompile(`(?i)sender address rejected|relay access denied|relaying (is )?denied|unable to relay|not permitted to relay|email address is not verified`)

// refusesSender reports whether err refuses the sender, which concerns every email.
func refusesSender(err error) bool { return senderRefused.MatchString(replied(err).Msg) }

// describe returns an error in words for people, without the secrets.
func describe(err error, secrets []string) string {
	text, reply := err.Error(), replied(err)
	switch {
	case reply != textproto.Error{}:
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

// ReplyOf returns the kind of the mail server's reply (2xx, 4xx, 5xx) and the stage of
// the session at which it came. The kind is "none" if the server did not reply. Without
// an error the server accepted the email.
func ReplyOf(err error) (kind string, at Stage) {
	if err == nil {
		return "2xx", StageEnd
	}
	at = detail(err).Stage
	if first := class(err); first >= 1 && first <= 9 {
		return strconv.Itoa(first) + "xx", at
	}
	return "none", at
}
