package staff

import "slices"

// The groups of roles that may do the same.
var (
	everybody = Roles
	readers   = []Role{Viewer, Agent, Admin}
	senders   = []Role{Sender, Agent, Admin}
	agents    = []Role{Agent, Admin}
	admins    = []Role{Admin}
)

// rights are the roles that may do each action. Other actions are forbidden.
// docs/support.md has the same table.
var rights = map[Action][]Role{
	SignedIn:    everybody,
	SignedOut:   everybody,
	FoundPerson: everybody,

	ChangedOwnPassword: everybody,
	ChangedOwnTOTP:     everybody,

	Searched:     readers,
	ViewedReset:  readers,
	ViewedUser:   readers,
	ViewedTotals: readers,
	Exported:     readers,

	SentLink:   senders,
	SentLinkTo: senders,
	MailedCode: senders,
	TypedCode:  senders,

	Revoked:       agents,
	RevokedAll:    agents,
	Unlocked:      agents,
	EndedSessions: agents,
	DisabledUser:  agents,
	EnabledUser:   agents,
	Noted:         agents,

	ViewedAudit:    admins,
	ExportedAudit:  admins,
	ViewedMembers:  admins,
	AddedMember:    admins,
	DisabledMember: admins,
	EnabledMember:  admins,
	ChangedRole:    admins,
	MadeLink:       admins,
}

// wantsReason are the actions that affect a person or a member. They require a reason.
var wantsReason = []Action{
	SentLink, SentLinkTo, Revoked, RevokedAll, Unlocked, EndedSessions, DisabledUser, EnabledUser, Noted,
	AddedMember, DisabledMember, EnabledMember, ChangedRole, MadeLink,
}

// May reports whether a role allows an action. Pages use it to decide what to show.
// Actions must use Service.Authorise.
func May(role Role, action Action) bool { return slices.Contains(rights[action], role) }
