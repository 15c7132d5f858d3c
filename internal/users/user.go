// Package users is for the built-in accounts: their rows, sign-in by address and
// password, and sign-up, which is complete when the address is confirmed.
// Beside an application, this package is not used.
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
