package reset

import (
	"context"
	"net/netip"
	"time"
)

// Kind is the subject of an email.
type Kind string

// The kinds of email.
const (
	KindResetLink       Kind = "reset_link"
	KindRescue          Kind = "rescue" // the link that follows a "this wasn't me"
	KindPasswordChanged Kind = "password_changed"
	KindSignUpConfirm   Kind = "signup_confirm" // the delivery's id is the sign-up's; the worker turns it into KindSignUpExists
	KindSignUpExists    Kind = "signup_exists"
)

// KindDeskCheck has the code that a caller reads to staff, see Check.
const KindDeskCheck Kind = "desk_check"

// KindNoLink explains why an account gets no link, see Config.Explain.
const KindNoLink Kind = "no_link"

// HasLink reports whether the email contains the link of a reset.
func (k Kind) HasLink() bool { return k == KindResetLink || k == KindRescue }

// isNotice reports whether an email has no link to ask for again.
func (k Kind) isNotice() bool { return k == KindPasswordChanged || k == KindSignUpExists }

// SignUpLifetime is how long a link to confirm a new account lives.
const SignUpLifetime = MaxLifetime

// noticeLifetime is how long delivery of an email without a link is attempted.
const noticeLifetime = 72 * time.Hour

// MaxWait is the longest wait between two attempts. If an email is due later than
// that, the clock was set back after its last attempt.
const MaxWait = time.Hour

// Delivery is one email that is due, a row of the queue. It contains neither text
// nor secrets: both are made again for each attempt.
type Delivery struct {
	ID            ID
	ResetID       ID // zero if the email belongs to no reset
	Kind          Kind
	UserID        string // empty until matched
	Recipient     string // until matched, the address as typed; empty if nothing is sent
	Locale        string
	CreatedAt     time.Time
	IP            netip.Addr // of the client that caused it, if its reset does not record one
	Agent         string
	Attempts      int       // this one included
	NextAttemptAt time.Time // zero once settled
	SentAt        time.Time
	FailedAt      time.Time
	LastReply     string    // of the mail server
	LastServer    string    // host and port of that mail server
	MessageID     string    // of the email, without angle brackets; empty before the first attempt
	Unanswered    bool      // settled, but the mail server did not confirm it; not stored, see MailState
	DeniedAt      time.Time // when the "this wasn't me" of a notice was used
	RescueID      ID        // of the reset that it made; there is none if no link was possible
	BouncedAt     time.Time // when it was recorded that the email came back
}

// Attempt is the outcome of an attempt to send an email. Event is zero if it belongs to no
// reset.
type Attempt struct {
	Delivery
	Event Event
}

// Waiting is how much work waits.
type Waiting struct {
	Due       int       // deliveries that no worker holds
	Unsettled int       // all deliveries that are not settled
	Oldest    time.Time // when the oldest of these was made; zero if there are none
	Claims    int       // see Claim: left behind, and not resolved yet
}

// Received reports whether the account of the delivery must be looked up: of a request
// until it is matched, of a sign-up before each attempt, because the account may have
// been created since.
func (d Delivery) Received() bool {
	return (d.Kind == KindResetLink || d.Kind == KindSignUpConfirm) && d.UserID == "" && d.Recipient != ""
}

// MailState is the state of the email with a reset's link. It is empty if the
// delivery was settled without an email.
func (d Delivery) MailState() MailState {
	switch {
	case !d.SentAt.IsZero():
		return MailAccepted
	case !d.FailedAt.IsZero():
		return MailFailed
	case !d.NextAttemptAt.IsZero():
		return MailWaiting
	case d.Unanswered:
		return MailUnknown
	default:
		return ""
	}
}

// Which selects deliveries.
type Which bool

// The selections.
const (
	AllDue    Which = false
	Unmatched Which = true // requests whose account was not looked up yet
)

// Deliveries is the queue of emails.
type Deliveries interface {
	// Queue adds a delivery.
	Queue(ctx context.Context, d Delivery) error
	// Delivery returns the row, or ErrNotFound.
	Delivery(ctx context.Context, id ID) (Delivery, error)
	// Lease takes at most n deliveries that are due at now, oldest first, and
	// leases them until the given time: no other worker gets them before it. A
	// delivery whose time is more than MaxWait from now counts as due too.
	// Attempts is already increased. Of all due deliveries, which selects some.
	Lease(ctx context.Context, which Which, now, until time.Time, n int) ([]Delivery, error)
	// Drop settles leased deliveries without an email.
	Drop(ctx context.Context, all []Delivery) error
	// Renew moves the end of leases.
	Renew(ctx context.Context, held []Delivery, until time.Time) error
	// ChangedSince reports whether the notice of a change without a link was queued
	// after a time, for an account and a client's IP address.
	ChangedSince(ctx context.Context, userID string, ip netip.Addr, since time.Time) (bool, error)
	// SentAt returns when a mail server last accepted the link of a reset, or
	// ErrNotFound if it never did.
	SentAt(ctx context.Context, id ID) (time.Time, error)
	// Deny stores DeniedAt and RescueID of a notice. It returns ErrNotFound if they
	// are stored already, or if its account used a rescue link after the notice.
	// Exactly one of several concurrent calls succeeds: it is the permission to
	// end what the notice reported.
	Deny(ctx context.Context, id, rescue ID, now time.Time) error
	// Bounce stores BouncedAt of a delivery that was attempted, and MailBounced in its
	// reset if it has the link. It returns ErrNotFound if it is stored already.
	Bounce(ctx context.Context, id ID, now time.Time) (Delivery, error)
	// ReplacedSignUps returns which sign-ups have a newer one for the same address whose
	// link was sent or waits to be sent.
	ReplacedSignUps(ctx context.Context, ids []ID) (map[ID]bool, error)
	// MatchSignUps stores Kind, UserID, Recipient and Locale of leased deliveries. A
	// delivery without a recipient is settled.
	MatchSignUps(ctx context.Context, all []Delivery) error
	// Recipient returns the address that the link of a reset is for, as the account
	// has it; empty if it has none.
	Recipient(ctx context.Context, id ID) (string, error)
	// Settle stores SentAt, FailedAt, NextAttemptAt, LastReply, LastServer and
	// MessageID of leased deliveries, MailState in their resets, and their events. It leaves
	// out a delivery that another worker has leased since: that worker records the outcome.
	Settle(ctx context.Context, all ...Attempt) error
}
