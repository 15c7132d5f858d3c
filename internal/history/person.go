package history

import (
	"time"

	"resetd/internal/reset"
)

// Person names whose record is read: an account, and the addresses that it has or had.
// A request for one of them that found no account, or came too soon after others,
// belongs to the person too.
type Person struct {
	UserID  string
	Emails  []string // normalised
	Builtin bool     // the accounts are resetd's own: there may be sign-ups
}

// Sources selects what a timeline is made of.
type Sources struct {
	Resets bool
	Mails  bool              // emails that belong to no reset
	Events bool              // of the account
	Kinds  []reset.EventKind // of these events; nil: all
}

// Span is a part of a timeline. A zero time is no bound.
type Span struct {
	Since time.Time // included
	Until time.Time // not included
}

// Contains reports whether a moment is in the span.
func (s Span) Contains(t time.Time) bool {
	return !t.Before(s.Since) && (s.Until.IsZero() || t.Before(s.Until))
}

// Story is what the record has about a person. Its parts are in no common order.
type Story struct {
	Resets  []Life // newest first; also older ones, of which something happened in the span
	Events  []Event
	Mails   []reset.Delivery
	SignUps []SignUp
}

// SignUp is a sign-up for an address of the person.
type SignUp struct {
	CreatedAt   time.Time
	ExpiresAt   time.Time
	Email       string
	IP          string
	Agent       string
	ConfirmedAt time.Time // zero: not confirmed
	Replaced    bool      // a newer link was sent to the address
	Mail        reset.Delivery
}
