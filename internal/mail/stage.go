package mail

import (
	"net"
	"sync"
	"time"
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

// line is a connection whose reads and writes end with the timeout of a stage, or
// when interrupt is called.
type line struct {
	net.Conn
	mu          sync.Mutex
	interrupted bool
	broken      bool // a write failed
}

func (l *line) allow(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
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
