package staff

import (
	"errors"

	"resetd/internal/reset"
)

// What staff can be refused with, beside reset.ErrCredentials (a sign-in),
// reset.ErrSignedOut (a session) and the errors of a reset.
var (
	// ErrForbidden: the member's role is too low. It is on record.
	ErrForbidden = errors.New("not allowed for this role")
	// ErrNoReason: the action wants a reason, of at most MaxReason characters.
	ErrNoReason = errors.New("a reason is required")
	// ErrWithheld: the account may have no link as it is.
	ErrWithheld = reset.ErrWithheld
	// ErrName: not 1 to 64 letters, digits, full stops, underscores and hyphens.
	ErrName = errors.New("a name is 1 to 64 letters, digits, and the characters . _ -")
	// ErrTaken: a member has this name, in this or another case.
	ErrTaken = errors.New("the name is taken")
	// ErrRole: there is no such role.
	ErrRole = errors.New("a role is viewer, agent or admin")
)

// refusal is the word for a failed act in the record. A fault says nothing of
// the act, and its text may hold anything.
func refusal(err error) string {
	for _, known := range []error{
		ErrTaken, reset.ErrWithheld, reset.ErrUsed, reset.ErrExpired, reset.ErrOtherUsed, reset.ErrRevoked, reset.ErrNoLink, reset.ErrNotFound,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "failed"
}
