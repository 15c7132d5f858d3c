package reset

import (
	"context"
	"net/netip"
	"time"
)

// Kind is what a mail is about.
type Kind string

// The kinds of mail.
const (
	KindResetLink       Kind = "reset_link"
	KindPasswordChanged Kind = "password_changed"
	KindSignUpConfirm   Kind = "signup_confirm" // the delivery's id is the sign-up's
	KindSignUpExists    Kind = "signup_exists"
)

// SignUpLifetime is how long the link lives that confirms a new account.
const SignUpLifetime = MaxLifetime

// noticeLifetime is how long a mail without a link is tried for.
const noticeLifetime = 72 * time.Hour

// MaxWait is the longest that a mail waits for its next attempt. One that is due
// later than that was put off before the clock was set back.
const MaxWait = 15 * time.Minute

// Delivery is one mail that is due, a row of the queue. No mail text and no
// secret is in it: both are made anew for each attempt.
type Delivery struct {
	ID            ID
	ResetID       ID // zero where no reset is behind it
	Kind          Kind
	UserID        string
	Recipient     string // empty where nothing is sent: the reset is withheld, the sign-up throttled
	Locale        string
	CreatedAt     time.Time
	IP            netip.Addr // who caused it, where no reset says so
	Agent         string
	Attempts      int       // this one included
	NextAttemptAt time.Time // zero once settled
	SentAt        time.Time
	FailedAt      time.Time
	LastReply     string // what the mail server last said
	LastServer    string // which one that was, host and port
}

// MailState is what the delivery says of the email with a reset's link: empty
// where it was settled and no email was due any more.
func (d Delivery) MailState() MailState {
	switch {
	case !d.SentAt.IsZero():
		return MailAccepted
	case !d.FailedAt.IsZero():
		return MailFailed
	case !d.NextAttemptAt.IsZero():
		return MailWaiting
	default:
		return ""
	}
}

// Deliveries is the queue of mails.
type Deliveries interface {
	// Queue adds a delivery.
	Queue(ctx context.Context, d Delivery) error
	// Delivery returns the row, or ErrNotFound.
	Delivery(ctx context.Context, id ID) (Delivery, error)
	// Claim takes at most n deliveries that are due at now, oldest first, and
	// leases them until then: no other worker gets them before. One that is due
	// later than MaxWait from now is due too. Attempts is already counted up.
	Claim(ctx context.Context, now, until time.Time, n int) ([]Delivery, error)
	// SentAt is when the link of a reset was last taken by a mail server, or
	// ErrNotFound if it was not.
	SentAt(ctx context.Context, id ID) (time.Time, error)
	// Settle stores SentAt, FailedAt, NextAttemptAt, LastReply and LastServer of a
	// claimed delivery, and MailState in its reset. It returns ErrNotFound if
	// another worker holds the delivery by now. Call it inside InTx.
	Settle(ctx context.Context, d Delivery) error
}
