// Package staff contains the support staff: the members, their rights, and the audit
// of their actions. An action is recorded before it happens, and a refusal is
// recorded too.
//
//	SignIn ──► Ticket, kept by the session
//	             └──► Member, at each request: still active, same password and
//	                  TOTP secret, the current role
//	                    └──► Actor, with a reason ──► Authorise ──► recorded ──► the action
//	                                                     └──► recorded as refused, ErrForbidden
//
// The operator is an Actor too, and changes members through the same functions.
//
// A password is verified for every name, so neither the answer nor its time reveals
// which names exist. TOTP secrets are sealed with keys that are derived from the
// keys of the links, so the database alone does not reveal them.
package staff

import (
	"fmt"
	"io"
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

// Author returns a member's name in the form of a reset's row.
func (m Member) Author() string { return "staff:" + m.Name }
