package reset

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"resetd/internal/password"
)

// The errors of links and requests. A single table in package web maps them to
// pages.
var (
	// ErrNoLink: the text is not a link, or a link that was cut or changed.
	ErrNoLink = errors.New("not a reset link")
	// ErrUsed: the link was used before.
	ErrUsed = errors.New("link was used")
	// ErrExpired: the link's time ran out.
	ErrExpired = errors.New("link has expired")
	// ErrOtherUsed: another link of the same account was used.
	ErrOtherUsed = errors.New("another link of the account was used")
	// ErrGone: the link is genuine, but its row is not in the database.
	ErrGone = errors.New("link has no row")
	// ErrRescued: the account used a rescue link after this notice.
	ErrRescued = errors.New("a rescue link was used since")
	// ErrRevoked: the account changed, or staff ended the link.
	ErrRevoked = errors.New("link was revoked")

	// ErrAddress: the typed text is not an email address.
	ErrAddress = errors.New("not an email address")
	// ErrCredentials: no active account has this address and password.
	ErrCredentials = errors.New("wrong address or password")
	// ErrSignedOut: the session's account is deleted or inactive.
	ErrSignedOut = errors.New("not signed in")

	// ErrNotFound: the store has no such row.
	ErrNotFound = errors.New("not found")
	// ErrAccountChanged: the account changed after the operation began.
	ErrAccountChanged = errors.New("account changed meanwhile")
	// ErrUnavailable: the database can't be reached at the moment.
	ErrUnavailable = errors.New("database unavailable")
	// ErrUncertain: the database did not confirm a commit, and may have made it. It is
	// an ErrUnavailable too.
	ErrUncertain = fmt.Errorf("%w: it is not known whether the transaction was committed", ErrUnavailable)
	// ErrClaimed: another request is setting the password at this moment.
	ErrClaimed = errors.New("claimed by another request")
	// ErrUnchecked: a new password can't be compared with breached ones at the
	// moment, and it must not be set without that.
	ErrUnchecked = errors.New("the password can't be compared with breached passwords at the moment, so it was not set")
	// ErrBusy: more writes wait than the queue holds. A later attempt may succeed.
	ErrBusy = errors.New("too much to write at the moment")
	// ErrAccounts: a statement that finds or changes accounts failed, and an
	// operator has to repair it. Its transaction was rolled back.
	ErrAccounts = errors.New("the accounts can't be used")
)

// PasswordRefused is the beginning of the text of a *RefusedPassword. The names
// of the problems follow, separated by ", ".
const PasswordRefused = "password refused: "

// RefusedPassword lists all problems with a new password, and with the current
// password where the form asks for it.
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

// dead returns why the link is dead at now, nil if it is alive.
func (r Reset) dead(now time.Time) error {
	switch r.Status(now) {
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

// ignoreNotFound drops the error for a row that another request or worker has settled.
func ignoreNotFound(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
