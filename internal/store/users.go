package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/users"
)

const userColumns = `id, email, name, password_hash, active, created_at`

func userFields(u *users.User) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.PasswordHash, &u.Active, &u.CreatedAt}
}

// AddUser adds an account, or returns users.ErrExists if one has this address.
func (s *Store) AddUser(ctx context.Context, u users.User) error {
	return s.AddUsers(ctx, []users.User{u})
}

// AddUsers adds all accounts or, if one fails, no account.
func (s *Store) AddUsers(ctx context.Context, added []users.User) error {
	return s.inTx(ctx, func(q queries) error {
		for _, u := range added {
			if err := q.addUser(ctx, u); err != nil {
				return err
			}
		}
		return nil
	})
}

func (q queries) addUser(ctx context.Context, u users.User) error {
	err := q.Run(ctx, `
		INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
		u.ID, u.Email, u.Name, sqldb.Null(u.PasswordHash), u.Active, u.CreatedAt)
	if errors.Is(err, sqldb.ErrDuplicate) {
		return users.ErrExists
	}
	return err
}

// Users lists all accounts by address.
func (s *Store) Users(ctx context.Context) ([]users.User, error) {
	return sqldb.All(ctx, s.DB, userFields, `SELECT `+userColumns+` FROM users ORDER BY email`)
}

// SetActive makes an account active, or inactive and ends its sessions and links; by
// names who does it. It adds no event if the account already has this state; sessions and
// links end in any case. It returns reset.ErrNotFound if there is no such account.
func (s *Store) SetActive(ctx context.Context, id string, active bool, now time.Time, by string, c reset.Client) error {
	if _, err := s.User(ctx, id); err != nil {
		return err
	}
	e := reset.Event{UserID: id, At: now, Kind: reset.EventEnabled, Actor: by, IP: c.IP, Agent: c.Agent}
	if !active {
		e.Kind = reset.EventDisabled
	}
	return s.inTx(ctx, func(q queries) error {
		n, err := q.Exec(ctx, `UPDATE users SET active = $2 WHERE id = $1 AND active <> $2`, id, active)
		if err == nil && !active {
			err = q.endAll(ctx, id, now)
		}
		if err != nil || n == 0 {
			return err
		}
		return q.Append(ctx, e)
	})
}

// endAll ends the sessions and links of an account.
func (q queries) endAll(ctx context.Context, id string, now time.Time) error {
	if err := q.Run(ctx, `DELETE FROM reset_sessions WHERE user_id = $1`, id); err != nil {
		return err
	}
	return q.RevokeAll(ctx, id, now, reset.RevokedAccountChanged)
}

// User returns an account, or reset.ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (users.User, error) {
	if _, err := uuid.Parse(id); err != nil {
		return users.User{}, reset.ErrNotFound
	}
	return sqldb.One(ctx, s.DB, userFields, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}
