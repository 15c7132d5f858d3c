package bounce

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"

	"resetd/internal/reset"
)

// The limits of a message. What is beyond them is not read; our own emails, which come
// back in it, are far smaller.
const (
	maxMessage = 10 << 20
	maxParts   = 20
	maxDepth   = 3
	maxBlocks  = 20
)

// The reasons why a message is no bounce of ours.
var (
	ErrForeign  = errors.New("it is not addressed to an email of ours")
	ErrNoReport = errors.New("it is no delivery status notification")
	ErrNoBounce = errors.New("it does not report a failure")
)

// mboxLine begins the line that Postfix's pipe and mbox files have before a message (RFC
// 4155, appendix A). It is no header: there is no colon.
const mboxLine = "From "

// Report is an email that came back.
type Report struct {
	Delivery reset.ID
	Server   string // that reports it
	Detail   string // the reason in words, its code, and the reply of the recipient's server
}

// Read reads a message. The error is ErrForeign, ErrNoReport, ErrNoBounce, or what
// reading returned.
func (s Sender) Read(r io.Reader) (Report, error) {
	text := bufio.NewReader(io.LimitReader(r, maxMessage))
	if start, _ := text.Peek(len(mboxLine)); string(start) == mboxLine {
		_, _ = text.ReadString('\n') // message.Read reports what is missing then
	}
	entity, err := message.Read(text)
	if entity == nil {
		return Report{}, fmt.Errorf("%w: %w", ErrNoReport, err)
	}
	id, err := s.delivery(entity.Header)
	if err != nil {
		return Report{}, ErrForeign
	}
	status := statusPart(entity, maxDepth)
	if status == nil {
		return Report{}, ErrNoReport
	}
	report, err := readStatus(status.Body)
	report.Delivery = id
	return report, err
}

// statusPart returns the machine-readable part of a report, which may be inside another
// message; nil if there is none.
func statusPart(e *message.Entity, depth int) *message.Entity {
	kind, _, _ := e.Header.ContentType()
	if kind = strings.ToLower(kind); kind == "message/delivery-status" || kind == "message/global-delivery-status" {
		return e
	}
	parts := e.MultipartReader()
	if parts == nil || depth == 0 {
		return nil
	}
	for range maxParts {
		part, _ := parts.NextPart() // a part in an unknown character set is returned with an error
		if part == nil {
			return nil
		}
		if found := statusPart(part, depth-1); found != nil {
			return found
		}
	}
	return nil
}

// readStatus reads the fields about the message, and then those about each recipient. An
// email of ours has one recipient.
func readStatus(body io.Reader) (Report, error) {
	lines := bufio.NewReader(body)
	var report Report
	for range maxBlocks {
		fields, err := textproto.ReadHeader(lines)
		if server := afterType(fields.Get("Reporting-MTA")); server != "" {
			report.Server = clean(server, maxServer)
		}
		if action := fields.Get("Action"); strings.EqualFold(strings.TrimSpace(action), "failed") {
			report.Detail = describe(fields.Get("Status"), afterType(fields.Get("Diagnostic-Code")))
			return report, nil
		}
		if err != nil {
			break
		}
	}
	return Report{}, ErrNoBounce
}

// afterType returns a value without its type: "smtp; 550 5.1.1 ..." is the reply.
func afterType(value string) string {
	if kind, rest, found := strings.Cut(value, ";"); found && !strings.ContainsAny(strings.TrimSpace(kind), " \t") {
		value = rest
	}
	return strings.TrimSpace(value)
}
