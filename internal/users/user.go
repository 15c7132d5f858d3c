// Package users is the accounts that resetd keeps itself: their rows, who somebody
// is by address and password, and new accounts once their address is confirmed.
// Beside an application there are none.
package users

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// ErrExists: an account has this address.
var ErrExists = errors.New("an account has this address")

// User is an account.
type User struct {
	ID           reset.ID
	Email        string // normalised: the look-up compares with what is stored
	Name         string
	PasswordHash string // empty: no password yet
	Active       bool
	CreatedAt    time.Time
}

// New is an active account with an id of its own.
func New(address reset.Address, name, passwordHash string, now time.Time) User {
	return User{ID: uuid.New(), Email: address.Normal, Name: name, PasswordHash: passwordHash, Active: true, CreatedAt: now}
}
