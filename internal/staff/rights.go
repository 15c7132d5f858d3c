package staff

import "slices"

// minRole is the lowest role for each action. Other actions are forbidden.
var minRole = map[Action]Role{
	SignedIn:     Viewer,
	SignedOut:    Viewer,
	Searched:     Viewer,
	ViewedReset:  Viewer,
	ViewedUser:   Viewer,
	ViewedTotals: Viewer,
	Exported:     Viewer,

	SentLink: Agent,
	Revoked:  Agent,
	Unlocked: Agent,

	ViewedAudit:     Admin,
	AddedMember:     Admin,
	DisabledMember:  Admin,
	EnabledMember:   Admin,
	ChangedPassword: Admin,
	IssuedTOTP:      Admin,
	ChangedRole:     Admin,
}

// wantsReason are the actions that affect a person. They require a reason.
var wantsReason = []Action{SentLink, Revoked, Unlocked}

// May reports whether a role allows an action. Pages use it to decide what to show.
// Actions must use Service.Authorise.
func May(role Role, action Action) bool {
	needed, known := minRole[action]
	return known && rank(role) >= rank(needed)
}

// rank orders roles by their rights; an unknown role ranks below all.
func rank(r Role) int { return slices.Index(Roles, r) }
