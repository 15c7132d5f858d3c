package smtpsink

import (
	"net"
	"slices"

	"github.com/emersion/go-smtp"
)

// Stage is a moment of the conversation about one mail.
type Stage string

// The stages. At Data the whole mail has come and waits for its answer. At Taken
// it is kept, and still waits.
const (
	Mail Stage = "MAIL"
	Rcpt Stage = "RCPT"
	Data Stage = "DATA"

	Taken Stage = "taken"
)

// Rule makes the server misbehave. What it does is the first that is set of
// Stall, Drop and Code.
type Rule struct {
	Recipient string // the one it is for; empty: all. Not known yet at Mail
	At        Stage
	Stall     bool // say nothing until the test ends
	Drop      bool // close the connection
	Code      int  // of the answer
	Text      string
	Times     int         // how often; 0 is always
	When      func() bool // a further condition; nil is always
}

// rule is a Rule in use.
type rule struct {
	Rule
	used int
}

// Add adds a rule. The first that fits is used.
func (s *Sink) Add(r Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{Rule: r})
}

// RemoveRules makes the server take every mail from now on.
func (s *Sink) RemoveRules() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// match finds the rule for a stage and counts its use.
func (s *Sink) match(at Stage, recipients ...string) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		spent := r.Times > 0 && r.used >= r.Times
		concerned := r.Recipient == "" || slices.Contains(recipients, r.Recipient)
		if r.At == at && !spent && concerned && (r.When == nil || r.When()) {
			r.used++
			return r.Rule, true
		}
	}
	return Rule{}, false
}

// obey does what the rules say of this stage; nil where they say nothing.
func (s *session) obey(at Stage, recipients ...string) error {
	r, ok := s.sink.match(at, recipients...)
	switch {
	case !ok:
		return nil
	case r.Stall:
		return s.stall()
	case r.Drop:
		return hangUp(s.conn.Conn())
	default:
		return &smtp.SMTPError{Code: r.Code, EnhancedCode: smtp.NoEnhancedCode, Message: r.Text}
	}
}

func (s *session) stall() error {
	s.sink.note(func() { s.sink.stalled++ })
	<-s.sink.released
	return hangUp(s.conn.Conn())
}

func hangUp(conn net.Conn) error {
	_ = conn.Close()
	return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.NoEnhancedCode, Message: "Hanging up"}
}
