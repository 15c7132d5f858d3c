// Package staff is the people who help others: who they are, what each may do,
// and the record of what each did. An action is on record before it happens,
// and a refusal is on record too.
//
//	SignIn ──► Ticket, kept by the session
//	             └──► Member, at each request: still active, same password and
//	                  TOTP secret, the role of this moment
//	                    └──► Authorise ──► on record ──► the act
//	                           └──► on record as refused, ErrForbidden
//
// A password is verified for every name, so that neither answer nor time
// tells who belongs to the staff. TOTP secrets are sealed under keys derived from
// those of the links: the database alone opens none.
package staff

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// Role is what a member may do. Each may do what the ones before it may.
type Role string

// The roles.
const (
	Viewer Role = "viewer" // searches and reads
	Agent  Role = "agent"  // sends links and revokes them
	Admin  Role = "admin"  // reads what staff did
)

// Roles lists every role, the least first.
var Roles = []Role{Viewer, Agent, Admin}

// Member is somebody of the staff. It prints as its name alone.
type Member struct {
	ID           reset.ID
	Name         string // unique, ignoring case, as in "staff:<name>"
	Role         Role
	PasswordHash string
	TOTP         string // sealed secret (RFC 6238); empty: signs in without
	TOTPStep     int64  // the last time step that was used: no code works twice
	Active       bool
	CreatedAt    time.Time
}

// Format keeps hash and secret out of every message.
func (m Member) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "staff:"+m.Name) }

// Action is what a member did or tried.
type Action string

// The actions.
const (
	SignedIn     Action = "sign_in"
	SignedOut    Action = "sign_out"
	Searched     Action = "search"
	ViewedReset  Action = "view_reset"
	ViewedUser   Action = "view_account"
	ViewedTotals Action = "view_overview"
	ViewedAudit  Action = "view_audit"
	Exported     Action = "export"
	SentLink     Action = "send_link"
	Revoked      Action = "revoke"

	AddedMember     Action = "staff_add"
	DisabledMember  Action = "staff_disable"
	EnabledMember   Action = "staff_enable"
	ChangedPassword Action = "staff_set_password"
	IssuedTOTP      Action = "staff_totp"
	ChangedRole     Action = "staff_role"
)

// Command is the Member of entries about what the command line did. Nobody of
// the staff can have this name.
const Command = "command"

// Entry is a line of the audit. Entries are only ever appended: one that was
// begun and came to nothing is followed by one that says why.
type Entry struct {
	ID      int64
	At      time.Time
	Member  string // name; of a failed sign-in what was typed
	Role    Role   // at that time; empty where nobody signed in
	Action  Action
	Target  string // a reset's id, an account's id, a member's name, or a search as in the page's address
	Refused string // why it was not allowed, or came to nothing; empty: it was allowed
	Reason  string // that the member gave
	IP      netip.Addr
	Agent   string
}

// Store keeps members and the audit.
type Store interface {
	// Member returns a member by name, ignoring case, or reset.ErrNotFound.
	Member(ctx context.Context, name string) (Member, error)
	// MemberByID returns a member, or reset.ErrNotFound.
	MemberByID(ctx context.Context, id reset.ID) (Member, error)
	// Members lists all by name.
	Members(ctx context.Context) ([]Member, error)
	// AddMember adds one, or returns ErrTaken.
	AddMember(ctx context.Context, m Member) error

	// The following each change one thing and leave the rest as it is, so that
	// two changes at once both hold. They return reset.ErrNotFound if there is
	// no such member.

	// SetMemberRole holds for sessions that run, too.
	SetMemberRole(ctx context.Context, id reset.ID, role Role) error
	// SetMemberPassword ends the member's sessions.
	SetMemberPassword(ctx context.Context, id reset.ID, hash string) error
	// SetMemberTOTP stores a new sealed secret and ends the member's sessions.
	SetMemberTOTP(ctx context.Context, id reset.ID, sealed string) error
	// SetMemberActive ends the member's sessions when it is false.
	SetMemberActive(ctx context.Context, id reset.ID, active bool) error

	// TakeStep notes a time step as used, and how the member's secret is sealed
	// from now on. Of any number of concurrent calls with one step, one returns
	// true; none does for a step that is not above the last, nor for a secret that
	// the member has no more.
	TakeStep(ctx context.Context, m Member, step int64, sealed string) (bool, error)
	// Record adds an entry, in a transaction of its own.
	Record(ctx context.Context, e Entry) error
	// Audit returns the n newest entries with an id below before (0: all).
	Audit(ctx context.Context, before int64, n int) ([]Entry, error)
	// ActionsOn returns the n newest entries about a target that have a reason.
	ActionsOn(ctx context.Context, target string, n int) ([]Entry, error)
}
