package mail

import (
	"errors"
	"io"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
)

// maxReply is how much of a server's words is kept, in bytes.
const maxReply = 500

// Error is why a mail did not go out. Its text is one line, fit for the record
// that staff read: the server's own words where there are any.
type Error struct {
	Words     string
	Permanent bool // another attempt would meet it again
	cause     error
}

func (e *Error) Error() string { return e.Words }
func (e *Error) Unwrap() error { return e.cause }

// IsPermanent tells whether another attempt would be in vain. Whatever is not
// known to be permanent is not: a mail that waits can still go out.
func IsPermanent(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Permanent
}

// ErrClosed: the server hung up between two mails. Nothing of the second one
// was sent, and a new connection may take it.
var ErrClosed = errors.New("the mail server closed the connection")

func permanent(words string) error { return &Error{Words: clip(words), Permanent: true} }

// ourFault lists the refusals that say something of the connection and nothing
// of the mail (RFC 4954, section 6; RFC 3207, section 4): sign-in or encryption
// is missing or wrong. The mail waits until that is put right.
var ourFault = []int{530, 534, 535, 538}

// refusal is the server's answer to a command about one mail. Only 5xx is
// permanent.
func refusal(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code >= 500 && !slices.Contains(ourFault, reply.Code)
}

// describe says an error in words that mean something to people, without the
// secrets.
func describe(err error, secrets []string) string {
	var reply *textproto.Error
	words := err.Error()
	switch {
	case errors.As(err, &reply):
		words = strconv.Itoa(reply.Code) + " " + reply.Msg // its own Error puts quotes around them
	case errors.Is(err, os.ErrDeadlineExceeded):
		words = "the mail server did not answer in time"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		words = ErrClosed.Error()
	}
	for _, secret := range secrets {
		words = strings.ReplaceAll(words, secret, "[secret]")
	}
	return clip(words)
}

// clip makes a reply one line that fits the record.
func clip(words string) string {
	words = oneLine(words, maxReply)
	if len(words) > maxReply {
		words = strings.ToValidUTF8(words[:maxReply], "")
	}
	return words
}
