package staff

import (
	"context"
	"errors"

	"resetd/internal/reset"
)

// The errors of staff actions. Others are reset.ErrCredentials (of a sign-in),
// reset.ErrSignedOut (of a session) and the errors of a reset.
var (
	// ErrForbidden: the member's role is too low. The refusal is recorded.
	ErrForbidden = errors.New("not allowed for this role")
	// ErrColleague: the form was shown to another member, whom the record would not name.
	ErrColleague = errors.New("the form was shown to another member")
	// ErrNoReason: the action requires a reason.
	ErrNoReason = errors.New("a reason is required")
	// ErrLongReason: the reason has more than MaxReason characters.
	ErrLongReason = errors.New("the reason is too long")
	// ErrWithheld: the account may not have a link.
	ErrWithheld = reset.ErrWithheld
	// ErrUnverified: the caller must be verified first, or the member must confirm that
	// this is not done.
	ErrUnverified = errors.New("the caller is not verified")
	// ErrForeign: the accounts belong to another application, which alone can do this.
	ErrForeign = errors.New("the accounts belong to another application")
	// ErrName: not 1 to 64 letters, digits, full stops, underscores and hyphens, or none
	// of them a letter or digit.
	ErrName = errors.New("a name is 1 to 64 letters, digits, and the characters . _ -, with at least one letter or digit")
	// ErrReserved: the record calls the command line by this name.
	ErrReserved = errors.New("the name is reserved for the command line")
	// ErrTaken: a member has this name, ignoring case.
	ErrTaken = errors.New("the name is taken")
	// ErrLastAdmin: without this member, nobody could manage members in the browser.
	ErrLastAdmin = errors.New("the last active admin")
	// ErrCode: the code does not belong to the secret, or is not a new one.
	ErrCode = errors.New("wrong code")
	// ErrSetup: the sealed secret of a form can't be opened.
	ErrSetup = errors.New("the secret in the form can't be read")
	// ErrNoRole: the provider of OpenID Connect gives the person no role.
	ErrNoRole = errors.New("no role at the provider")
	// ErrDisabled: the member is disabled, and signed in correctly.
	ErrDisabled = errors.New("disabled")
	// ErrProvided: the provider of OpenID Connect decides this, not resetd.
	ErrProvided = errors.New("the provider decides this")
	// ErrRole: there is no such role.
	ErrRole = errors.New("a role is viewer, sender, agent or admin")
)

// refusal returns the word for a failed action in the audit. The text of a fault is
// not recorded, because it may contain secrets.
func refusal(err error) string {
	for _, known := range []error{
		ErrTaken, ErrLastAdmin, ErrProvided, ErrForeign, ErrUnverified, reset.ErrWrongCode, reset.ErrCheckOver, reset.ErrCheckMoved, reset.ErrManyChecks, reset.ErrWithheld, reset.ErrMoved, reset.ErrUsed, reset.ErrExpired, reset.ErrOtherUsed, reset.ErrRevoked, reset.ErrNoLink, reset.ErrReceived, reset.ErrNotFound,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return "outcome unknown" // a commit whose confirmation was lost may have succeeded
	}
	return "failed"
}
