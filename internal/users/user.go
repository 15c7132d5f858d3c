// Package users manages the built-in accounts: their rows, sign-in by address and
// password, and sign-up with a confirmed address. It is not used if the accounts
// belong to another application.
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
	Email        string // normalised, because the look-up compares with it
	Name         string
	PasswordHash string // empty: no password yet
	Active       bool
	CreatedAt    time.Time
}

// New returns an active account with a new id.
func New(address reset.Address, name, passwordHash string, now time.Time) User {
	return User{ID: uuid.New(), Email: address.Normal, Name: name, PasswordHash: passwordHash, Active: true, CreatedAt: now}
}
