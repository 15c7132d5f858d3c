package mail

import (
	"context"
	"errors"
	"net/textproto"
	"strconv"

	"go.opentelemetry.io/otel/trace"
)

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

// ServerUp reports whether the mail server could be used for the last email.
func (w *Worker) ServerUp() bool { return !w.server.down.Load() }

// event records in a trace, if there is one, that a stage begins.
func event(ctx context.Context, s Stage) {
	if ctx != nil {
		trace.SpanFromContext(ctx).AddEvent(string(s))
	}
}
