package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// ErrDuplicate: an account with this address exists.
var ErrDuplicate = sqldb.ErrDuplicate

// User is a row of the accounts that resetd keeps itself.
type User struct {
	ID           reset.ID
	Email        string // normalised: the look-up compares with what is stored
	Name         string
	PasswordHash string // empty: no password yet
	Active       bool
	CreatedAt    time.Time
}

type userRow struct {
	ID           reset.ID           `db:"id"`
	Email        string             `db:"email"`
	Name         string             `db:"name"`
	PasswordHash sqldb.Text[string] `db:"password_hash"`
	Active       bool               `db:"active"`
	CreatedAt    sqldb.Instant      `db:"created_at"`
}

// AddUser adds an account, or returns sqldb.ErrDuplicate if one has this address.
func (s *Store) AddUser(ctx context.Context, u User) error { return s.AddUsers(ctx, []User{u}) }

// AddUsers adds all of them or none.
func (s *Store) AddUsers(ctx context.Context, users []User) error {
	return s.inTx(ctx, func(q queries) error {
		for _, u := range users {
			if err := q.addUser(ctx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

func (q queries) addUser(ctx context.Context, u User) error {
	return q.Run(ctx, `
		INSERT INTO users (id, email, name, password_hash, active, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		u.ID, u.Email, u.Name, sqldb.Null(u.PasswordHash), u.Active, u.CreatedAt)
}

// Users lists all accounts by address.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	var rows []userRow
	err := s.List(ctx, &rows, `SELECT id, email, name, password_hash, active, created_at FROM users ORDER BY email`)
	users := make([]User, len(rows))
	for i, r := range rows {
		users[i] = User{r.ID, r.Email, r.Name, r.PasswordHash.V, r.Active, r.CreatedAt.Time}
	}
	return users, err
}

// DisableUser makes an account inactive and ends its sessions and links.
func (s *Store) DisableUser(ctx context.Context, id string, now time.Time) error {
	return s.inTx(ctx, func(q queries) error {
		if err := q.Run(ctx, `UPDATE users SET active = $2 WHERE id = $1`, id, false); err != nil {
			return err
		}
		if err := q.Run(ctx, `DELETE FROM reset_sessions WHERE user_id = $1`, id); err != nil {
			return err
		}
		return q.RevokeAll(ctx, id, now, reset.RevokedAccountChanged)
	})
}

// NewUser is an active account with an id of its own.
func NewUser(address reset.Address, name, passwordHash string, now time.Time) User {
	return User{ID: uuid.New(), Email: address.Normal, Name: name, PasswordHash: passwordHash, Active: true, CreatedAt: now}
}
