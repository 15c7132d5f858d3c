package reset

import (
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// ID names a reset: a random UUID (RFC 9562, version 4). It is not a secret; staff
// see it.
type ID = uuid.UUID

// Reset is one row of the record. All times are UTC; a zero time means that it
// did not happen.
type Reset struct {
	ID             ID
	CreatedAt      time.Time
	ExpiresAt      time.Time
	UserID         string // the account's key; empty if no account matched
	Email          string // the requested address, normalised
	CreatedByIP    netip.Addr
	CreatedByAgent string
	RequestedBy    string // RequestedByUser, RequestedByRescue, "staff:<name>" or "api:<token name>"
	Withheld       Withheld
	AccountState   string // keyed digest of the account, see Keys.AccountState; empty if there is no link
	Mail           MailState
	OpenedAt       time.Time
	OpenedByIP     netip.Addr
	UsedAt         time.Time
	UsedByIP       netip.Addr
	UsedByAgent    string
	RevokedAt      time.Time
	RevokedBy      string // RevokedOtherLink, RevokedAccountChanged, RevokedNotMe, "staff:<name>", "api:<name>"

	Scanned Scanned // not a column: searches compute it from the events
}

// Scanned is who opened a link besides the person of OpenedAt.
type Scanned string

// The values of Scanned; empty: nobody else is known to have opened it.
const (
	ScannedOnly    Scanned = "scanner" // what looks like a mail scanner
	ScannedPerhaps Scanned = "perhaps" // it may have been a person, see ExcludesPerson
)

// And returns what is known after one more open that a rule matched.
func (s Scanned) And(rule string) Scanned {
	if s == ScannedPerhaps || !ExcludesPerson(rule) {
		return ScannedPerhaps
	}
	return ScannedOnly
}

// Withheld is the reason why a reset got no link; empty if it got one.
type Withheld string

// The reasons to withhold a link.
const (
	WithheldNoAccount  Withheld = "no_account"
	WithheldInactive   Withheld = "inactive"
	WithheldThrottled  Withheld = "throttled"
	WithheldNoPassword Withheld = "no_password"
	WithheldUnmatched  Withheld = "unmatched" // the account was not looked up before the reset expired
)

// MailState is the state of the email with the link; empty if no email is due.
type MailState string

// The states of that email.
const (
	MailWaiting  MailState = "waiting"
	MailAccepted MailState = "accepted" // by the mail server
	MailUnknown  MailState = "unknown"  // handed over, but the server never replied
	MailFailed   MailState = "failed"
	MailBounced  MailState = "bounced" // accepted, and returned later
)

// The values of Reset.RevokedBy other than a named person or program.
const (
	RevokedOtherLink      = "other_link" // another link of the account was used
	RevokedAccountChanged = "account_changed"
	RevokedNotMe          = "not_me" // somebody with an email said "this wasn't me"
)

// The values of Reset.RequestedBy other than a named person or program.
const (
	RequestedByUser   = "user"   // through the public form
	RequestedByRescue = "rescue" // by the "this wasn't me" of a notice
)

// Status is the state of a reset at a given time.
type Status string

// The statuses, in the order in which they are decided.
const (
	StatusUsed     Status = "used"
	StatusRevoked  Status = "revoked"
	StatusWithheld Status = "withheld"
	StatusExpired  Status = "expired"
	StatusOpened   Status = "opened"
	StatusPending  Status = "pending"
	StatusReceived Status = "received" // the account was not looked up yet
)

// Statuses lists every status, in the order in which they are decided.
var Statuses = []Status{StatusUsed, StatusRevoked, StatusWithheld, StatusExpired, StatusOpened, StatusPending, StatusReceived}

// Status returns the state of the reset at now. At the moment ExpiresAt the link is
// already dead.
func (r Reset) Status(now time.Time) Status {
	switch {
	case !r.UsedAt.IsZero():
		return StatusUsed
	case !r.RevokedAt.IsZero():
		return StatusRevoked
	case r.Withheld != "":
		return StatusWithheld
	case !now.Before(r.ExpiresAt):
		return StatusExpired
	case !r.OpenedAt.IsZero():
		return StatusOpened
	case r.AccountState != "":
		return StatusPending
	default:
		return StatusReceived
	}
}

// Alive reports whether the row allows its link to be used now.
func (r Reset) Alive(now time.Time) bool {
	s := r.Status(now)
	return s == StatusPending || s == StatusOpened
}

// Client is who sent a request: the address after trusted proxies, and the
// User-Agent header.
type Client struct {
	IP    netip.Addr
	Agent string
}

// EventKind is the kind of an event.
type EventKind string

// The kinds of events. Each delivery attempt is one of sent, unanswered, deferred,
// failed.
const (
	EventOpened     EventKind = "opened"
	EventRefused    EventKind = "refused"
	EventSent       EventKind = "sent"
	EventUnanswered EventKind = "unanswered" // handed over, but the mail server did not confirm it
	EventNotMe      EventKind = "not_me"     // in an email about this reset; Detail is the rescue's id, if there is one
	EventRescue     EventKind = "rescue"     // this reset follows a "this wasn't me"; Detail is the id of the reset whose notice it was in
	EventDeferred   EventKind = "deferred"
	EventFailed     EventKind = "failed"

	EventBounced       EventKind = "bounced"        // the email with the link came back, or an email of the account without a reset
	EventNoticeBounced EventKind = "notice_bounced" // another email of the reset came back

	// EventOutcomeUnknown: the password may have been set or not, see Service.resolve.
	EventOutcomeUnknown EventKind = "outcome_unknown"
)

// Actors of events.
const (
	ActorUser    = "user"
	ActorScanner = "scanner" // a suspicion, see Event.Detail
	ActorWorker  = "resetd"

	ActorOperator = "operator" // on the command line
)

// Event is one line in the history of a reset or of an account. Events are only
// ever appended.
type Event struct {
	ResetID ID     // zero if the event belongs to an account and no reset
	UserID  string // empty if ResetID is set, except of a "this wasn't me"
	At      time.Time
	Kind    EventKind
	Actor   string
	IP      netip.Addr // zero if no HTTP request caused it
	Agent   string     // User-Agent; for a delivery attempt, the mail server
	Detail  string     // the reason of a refusal, the mail server's reply, or the scanner rule that matched; may end with a number, see Number
}
