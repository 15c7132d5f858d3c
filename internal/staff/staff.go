// Package staff contains the support staff: the members, their rights, and the audit
// of their actions. An action is recorded before it happens, and a refusal is
// recorded too.
//
//	SignIn ──► Ticket, kept by the session
//	             └──► Member, at each request: still active, same password and
//	                  TOTP secret, the current role
//	                    └──► Authorise ──► recorded ──► the action
//	                           └──► recorded as refused, ErrForbidden
//
// A password is verified for every name, so neither the answer nor its time reveals
// which names exist. TOTP secrets are sealed with keys that are derived from the
// keys of the links, so the database alone does not reveal them.
package staff

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// Role decides which actions a member may do, see rights.
type Role string

// The roles.
const (
	Viewer Role = "viewer" // searches and reads
	Sender Role = "sender" // finds a person and sends a link, and reads nothing else
	Agent  Role = "agent"  // does both, and everything else that helps a person
	Admin  Role = "admin"  // also reads the audit
)

// Roles lists all roles.
var Roles = []Role{Viewer, Sender, Agent, Admin}

// Member is a staff member. Only its name is printed.
type Member struct {
	ID           reset.ID
	Name         string // unique, ignoring case, as in "staff:<name>"
	Role         Role
	PasswordHash string // empty: none was chosen yet
	TOTP         string // sealed secret (RFC 6238); empty: signs in without a code
	TOTPStep     int64  // the last used time step, so no code works twice
	Active       bool
	CreatedAt    time.Time
	Link         Link

	// Issuer and Subject name a member who signs in with OpenID Connect, and has neither
	// a password nor a TOTP secret; both are empty for others.
	Issuer, Subject string
}

// Link is the newest one-time link of a member. The zero Link does not exist or was
// ended.
type Link struct {
	ID                reset.ID
	ExpiresAt, UsedAt time.Time
}

// Credentials are what a member signs in with.
type Credentials struct {
	PasswordHash string
	TOTP         string // sealed secret
	Step         int64  // of the code that confirmed the secret
	SignIns      string // the owner of the counters of failed sign-ins, which are removed
}

// Format keeps hash and secret out of every message.
func (m Member) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "staff:"+m.Name) }

// Action is an action of a member, or an attempt.
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

	ExportedAudit Action = "export_audit"

	SentLink    Action = "send_link"
	Revoked     Action = "revoke"
	Unlocked    Action = "unlock"
	FoundPerson Action = "find_person" // saw the name and the address of a person, and nothing else
	SentLinkTo  Action = "send_link_to"
	RevokedAll  Action = "revoke_all"
	Noted       Action = "note"
	MailedCode  Action = "mail_code" // to verify a caller, see reset.Check
	TypedCode   Action = "type_code" // that the caller read out; refused if it was wrong

	AddedMember     Action = "staff_add"
	DisabledMember  Action = "staff_disable"
	EnabledMember   Action = "staff_enable"
	ChangedPassword Action = "staff_set_password"
	IssuedTOTP      Action = "staff_totp"
	ChangedRole     Action = "staff_role"
	ViewedMembers   Action = "view_members"
	MadeLink        Action = "staff_link"
	UsedLink        Action = "staff_link_used" // by the member, who is not signed in yet

	ChangedOwnPassword Action = "own_password"
	ChangedOwnTOTP     Action = "own_totp"

	Purged          Action = "purge"
	AddedUser       Action = "users_add"
	SetUserPassword Action = "users_set_password"
	DisabledUser    Action = "users_disable"
	EnabledUser     Action = "users_enable"
	EndedSessions   Action = "users_end_sessions"
)

// Command is the Member of entries of the command line. No member can have this
// name.
const Command = "operator"

// Nobody is the Member of sign-ins with a name that no member has. The typed name is
// not recorded, because people type passwords there. No member can have this name.
const Nobody = "(unknown)"

// Entry is a line of the audit. Entries are never changed: if a recorded action
// fails, a second entry contains the reason.
type Entry struct {
	ID      int64
	At      time.Time
	Member  string // name; for a failed sign-in as typed, or Nobody if no member has it
	Role    Role   // at that time; empty if nobody is signed in
	Action  Action
	Target  string // a reset's id, an account's id, a member's name, or a search as in the page's URL; see AboutMember
	Refused string // why the action was refused or failed; empty: it was allowed
	Reason  string // from the member
	Caller  Caller // of an action for a caller
	IP      netip.Addr
	Agent   string
}

// Caller tells whether the caller was verified for whom a link is sent.
type Caller string

// The values of Caller; empty: nobody asks for it.
const (
	Verified   Caller = "verified"   // by a code, see reset.Check
	Unverified Caller = "unverified" // although the setting asks for it
)

// Store stores members and the audit.
type Store interface {
	// Member returns a member by name, ignoring case, or reset.ErrNotFound.
	Member(ctx context.Context, name string) (Member, error)
	// MemberByID returns a member, or reset.ErrNotFound.
	MemberByID(ctx context.Context, id reset.ID) (Member, error)
	// Members returns all members by name.
	Members(ctx context.Context) ([]Member, error)
	// AddMember adds a member, or returns ErrTaken.
	AddMember(ctx context.Context, m Member) error

	// Each of the following methods changes one property only, so concurrent
	// changes are not lost. They return reset.ErrNotFound if there is no such
	// member.

	// SetMemberRole also applies to existing sessions. It returns ErrLastAdmin instead
	// of changing the last active admin who has a password, also if two of them are
	// changed at the same time.
	SetMemberRole(ctx context.Context, id reset.ID, role Role) error
	// SetMemberPassword ends the member's sessions, and removes the counters of
	// failed sign-ins of an owner.
	SetMemberPassword(ctx context.Context, id reset.ID, hash, signIns string) error
	// SetMemberTOTP stores a new sealed secret, with the step of the code that confirmed
	// it, and ends the member's sessions.
	SetMemberTOTP(ctx context.Context, id reset.ID, sealed string, step int64) error
	// SetMemberActive ends the member's sessions and link if active is false. It
	// returns ErrLastAdmin as SetMemberRole does.
	SetMemberActive(ctx context.Context, id reset.ID, active bool) error
	// SetMemberLink replaces the link of an active member.
	SetMemberLink(ctx context.Context, id, link reset.ID, until time.Time) error

	// MemberBySubject returns the member of a subject of OpenID Connect, or
	// reset.ErrNotFound.
	MemberBySubject(ctx context.Context, issuer, subject string) (Member, error)
	// MemberByLink returns the member whose newest link has this id, or
	// reset.ErrNotFound.
	MemberByLink(ctx context.Context, link reset.ID) (Member, error)
	// UseMemberLink stores the credentials if the link works at now, and ends the
	// member's sessions. Of several concurrent calls with a link, exactly one returns
	// nil; the others return reset.ErrNotFound.
	UseMemberLink(ctx context.Context, link reset.ID, now time.Time, c Credentials) error

	// TakeStep stores a time step as used, and the newly sealed secret. If several
	// concurrent calls have the same step, exactly one returns true. It returns
	// false if the step is not above the last one, or if the member's secret has
	// changed.
	TakeStep(ctx context.Context, m Member, step int64, sealed string) (bool, error)
	// CountUp adds one to a counter and returns it, see reset.Resets.
	CountUp(ctx context.Context, key string, now, until time.Time) (int, error)
	// Record adds an entry in a separate transaction.
	Record(ctx context.Context, e Entry) error
	// Audit returns the newest entries of a search.
	Audit(ctx context.Context, q Search) ([]Entry, error)
	// CountUnverified counts the actions for callers who were not verified, from since
	// on and before until, without those that were refused or failed.
	CountUnverified(ctx context.Context, since, until time.Time) (int, error)
	// ActionsOn returns the n newest entries about the targets that have a reason,
	// from since on and before until. A zero time is no bound.
	ActionsOn(ctx context.Context, targets []string, since, until time.Time, n int) ([]Entry, error)
}
