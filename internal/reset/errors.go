package reset

import (
	"errors"
	"strings"

	"resetd/internal/password"
)

// What a link or a request can fail with. Package web has the one table that
// turns them into pages.
var (
	// ErrNoLink: this never was a link, or not a whole one.
	ErrNoLink = errors.New("not a reset link")
	// ErrUsed: the link was used before.
	ErrUsed = errors.New("link was used")
	// ErrExpired: the link's time ran out.
	ErrExpired = errors.New("link has expired")
	// ErrOtherUsed: another link of the same account was used.
	ErrOtherUsed = errors.New("another link of the account was used")
	// ErrRevoked: the account changed, or staff ended the link.
	ErrRevoked = errors.New("link was revoked")

	// ErrAddress: what was typed is not an email address.
	ErrAddress = errors.New("not an email address")
	// ErrCredentials: no active account has this address and password.
	ErrCredentials = errors.New("wrong address or password")
	// ErrSignedOut: the session's account is gone or inactive.
	ErrSignedOut = errors.New("not signed in")

	// ErrNotFound: the store has no such row.
	ErrNotFound = errors.New("not found")
	// ErrAccountChanged: the account is not what it was when the operation began.
	ErrAccountChanged = errors.New("account changed meanwhile")
	// ErrUnavailable: the database can't be reached at the moment.
	ErrUnavailable = errors.New("database unavailable")
	// ErrAccounts: a statement that finds or changes accounts failed, which
	// somebody has to mend. Its transaction was rolled back.
	ErrAccounts = errors.New("the accounts can't be used")
)

// PasswordRefused is what the text of a *RefusedPassword begins with. The words
// for what is wrong follow, with ", " between.
const PasswordRefused = "password refused: "

// RefusedPassword tells everything that is wrong with a new password, and with
// the current one where that was asked for.
type RefusedPassword struct {
	Problems     []password.Problem
	WrongCurrent bool
}

func (e *RefusedPassword) Error() string {
	words := make([]string, 0, len(e.Problems)+1)
	if e.WrongCurrent {
		words = append(words, "wrong_current")
	}
	for _, p := range e.Problems {
		words = append(words, string(p))
	}
	return PasswordRefused + strings.Join(words, ", ")
}

// dead is the error of a link that can't be used any more, nil for a live one.
func dead(r Reset, s Status) error {
	switch s {
	case StatusUsed:
		return ErrUsed
	case StatusExpired:
		return ErrExpired
	case StatusWithheld, StatusReceived:
		return ErrNoLink
	case StatusRevoked:
		if r.RevokedBy == RevokedOtherLink {
			return ErrOtherUsed
		}
		return ErrRevoked
	default:
		return nil
	}
}
