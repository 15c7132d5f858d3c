package smtpsink

import (
	"net"
	"slices"

	"github.com/emersion/go-smtp"
)

// Stage is a point in the SMTP transaction of one email.
type Stage string

// The stages. At Data the server has read the whole email but not stored it. At Taken it
// has stored the email but not answered.
const (
	Hello Stage = "EHLO"

	Mail Stage = "MAIL"
	Rcpt Stage = "RCPT"
	Data Stage = "DATA"

	Taken Stage = "taken"
)

// Rule makes the server fail at a stage. If several of Stall, Drop and Code are set, the
// first one applies.
type Rule struct {
	Recipient string // empty for all; must be empty at Hello and Mail, which come before the recipient
	At        Stage
	Stall     bool // do not answer until the test ends
	Drop      bool // close the connection
	Code      int  // SMTP code of the answer
	Text      string
	Times     int         // number of uses; 0 is unlimited
	When      func() bool // additional condition; may be nil
}

// rule is a Rule and the number of its uses.
type rule struct {
	Rule
	used int
}

// Add adds a rule. The first rule that matches applies.
func (s *Sink) Add(r Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = append(s.rules, &rule{Rule: r})
}

// RemoveRules removes all rules, so the server accepts every email.
func (s *Sink) RemoveRules() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
}

// match returns the first rule that matches, and counts its use.
func (s *Sink) match(at Stage, recipients ...string) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		spent := r.Times > 0 && r.used >= r.Times
		matches := r.Recipient == "" || slices.Contains(recipients, r.Recipient)
		if r.At == at && !spent && matches && (r.When == nil || r.When()) {
			r.used++
			return r.Rule, true
		}
	}
	return Rule{}, false
}

// applyRule applies the rule for this stage and returns the error for the client. It
// returns nil if no rule matches.
func (s *session) applyRule(at Stage, recipients ...string) error {
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
	s.sink.update(func() { s.sink.stalled++ })
	<-s.sink.released
	return hangUp(s.conn.Conn())
}

func hangUp(conn net.Conn) error {
	_ = conn.Close()
	return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.NoEnhancedCode, Message: "Hanging up"}
}
