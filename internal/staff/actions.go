package staff

import (
	"net/netip"
	"time"
)

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

// Caller tells whether the caller was verified for whom a member acts.
type Caller string

// The values of Caller; empty: nobody asks for it.
const (
	Verified   Caller = "verified"   // by a code, see reset.Check
	Unverified Caller = "unverified" // although the setting offers or requires it before a link is sent
)
