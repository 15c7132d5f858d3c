package staff

import "slices"

// least is the role that each action takes. What is not in it, nobody may.
var least = map[Action]Role{
	SignedIn:     Viewer,
	SignedOut:    Viewer,
	Searched:     Viewer,
	ViewedReset:  Viewer,
	ViewedUser:   Viewer,
	ViewedTotals: Viewer,
	Exported:     Viewer,

	SentLink: Agent,
	Revoked:  Agent,

	ViewedAudit:     Admin,
	AddedMember:     Admin,
	DisabledMember:  Admin,
	EnabledMember:   Admin,
	ChangedPassword: Admin,
	IssuedTOTP:      Admin,
	ChangedRole:     Admin,
}

// wantsReason are the actions that are done to somebody: each has its reason on
// record.
var wantsReason = []Action{SentLink, Revoked}

// May tells whether a role is enough for an action. Pages ask it what to show;
// what is done asks Service.Authorise.
func May(role Role, action Action) bool {
	needed, known := least[action]
	return known && rank(role) >= rank(needed)
}

// rank orders roles by their rights; an unknown role ranks below all.
func rank(r Role) int { return slices.Index(Roles, r) }
