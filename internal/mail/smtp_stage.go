package mail

import (
	"context"
	"fmt"
	"time"

	"resetd/internal/words"

	"go.opentelemetry.io/otel/trace"
)

// Stage is a part of an SMTP session.
type Stage string

// The stages. The first five concern the connection, StageMail the sender, and the
// others one email.
const (
	StageConnect  Stage = "connection"
	StageGreeting Stage = "greeting" // of the server
	StageHello    Stage = "EHLO"
	StageTLS      Stage = "TLS"
	StageSignIn   Stage = "AUTH"
	StageMail     Stage = "MAIL"
	StageRcpt     Stage = "RCPT"
	StageData     Stage = "DATA"
	StageText     Stage = "text"
	StageEnd      Stage = "end of the text" // the server has the email and may have accepted it
)

// ofEmail reports whether a reply at this stage is about one email. A refusal of the
// sender concerns every email.
func (s Stage) ofEmail() bool {
	return s == StageRcpt || s == StageData || s == StageText || s == StageEnd
}

// rfcTimeouts are how long the server may take for a reply, or to read a part of the
// text (RFC 5321, section 4.5.3.2). The RFC has no value for EHLO, TLS and AUTH.
var rfcTimeouts = map[Stage]time.Duration{
	StageConnect:  30 * time.Second,
	StageGreeting: 5 * time.Minute,
	StageHello:    5 * time.Minute,
	StageTLS:      5 * time.Minute,
	StageSignIn:   5 * time.Minute,
	StageMail:     5 * time.Minute,
	StageRcpt:     5 * time.Minute,
	StageData:     2 * time.Minute,
	StageText:     3 * time.Minute,
	StageEnd:      10 * time.Minute,
}

// doing describes each stage while it lasts.
var doing = map[Stage]string{
	StageConnect:  "connecting to %s",
	StageGreeting: "connected to %s; waiting for its greeting",
	StageHello:    "%s has greeted; greeting it",
	StageTLS:      "encrypting the connection to %s",
	StageSignIn:   "signing in to %s",
	StageMail:     "naming the sender to %s",
	StageRcpt:     "naming the recipient to %s",
	StageData:     "announcing the text to %s",
	StageText:     "sending the text to %s",
	StageEnd:      "the text was handed over; waiting for the reply of %s",
}

// enter reports a stage to whoever watches.
func (t *smtpTransport) enter(s Stage) {
	if t.watch != nil {
		t.watch(fmt.Sprintf(doing[s]+" (at most %s)", t.addr, words.Span(t.timeouts[s])))
	}
}

// event records in a trace, if there is one, that a stage begins.
func event(ctx context.Context, s Stage) {
	if ctx != nil {
		trace.SpanFromContext(ctx).AddEvent(string(s))
	}
}
