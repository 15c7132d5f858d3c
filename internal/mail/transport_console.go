package mail

import (
	"context"
	"fmt"
	"io"
	"mime"
	"strings"
	"sync"

	gomail "github.com/wneessen/go-mail"
)

// console prints emails, for trying the service out.
type console struct {
	mu  *sync.Mutex // of out: emails must not be mixed
	out io.Writer
}

func newConsole(out io.Writer) Transport {
	if out == nil {
		out = io.Discard
	}
	return console{new(sync.Mutex), out}
}

// Open implements Transport.
func (c console) Open(context.Context) (Conn, error) { return c, nil }

// Send implements Conn.
func (c console) Send(_ context.Context, m *gomail.Msg) (string, error) {
	text, err := readable(m)
	if err != nil {
		return "", permanent("the email can't be written")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := io.WriteString(c.out, text); err != nil {
		return "", &Error{Text: "the email can't be printed", cause: err}
	}
	return "printed", nil
}

// Close implements Conn.
func (console) Close() error { return nil }

// readable returns the main headers and the text part, without control characters.
func readable(m *gomail.Msg) (string, error) {
	parts := m.GetParts()
	if len(parts) == 0 {
		return "", io.ErrUnexpectedEOF
	}
	text, err := parts[0].GetContent()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	rule := strings.Repeat("-", maxLine)
	fmt.Fprintf(&b, "%s\nFrom: %s\nTo: %s\nSubject: %s\n\n", rule,
		header(m.GetFromString()...), header(m.GetToString()...), header(m.GetGenHeader(gomail.HeaderSubject)...))
	for line := range strings.Lines(string(text)) {
		b.WriteString(strings.Map(printable, strings.TrimRight(line, "\r\n")) + "\n")
	}
	b.WriteString(rule + "\n")
	return b.String(), nil
}

func header(values ...string) string {
	joined := strings.Join(values, ", ")
	if decoded, err := new(mime.WordDecoder).DecodeHeader(joined); err == nil {
		joined = decoded
	}
	return strings.Map(printable, joined)
}
