package store

import (
	"context"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/users"
)

var _ users.SignUpStore = (*Store)(nil)

type signUpRow struct {
	ID             reset.ID           `db:"id"`
	CreatedAt      sqldb.Instant      `db:"created_at"`
	ExpiresAt      sqldb.Instant      `db:"expires_at"`
	Email          string             `db:"email"`
	Name           string             `db:"name"`
	PasswordHash   sqldb.Text[string] `db:"password_hash"`
	CreatedByIP    sqldb.IP           `db:"created_by_ip"`
	CreatedByAgent string             `db:"created_by_agent"`
	ConfirmedAt    sqldb.Instant      `db:"confirmed_at"`
}

// AddSignUp implements users.SignUpStore.
func (s *Store) AddSignUp(ctx context.Context, w users.SignUp, d reset.Delivery) error {
	return s.inTx(ctx, func(q queries) error {
		err := q.Run(ctx, `
			INSERT INTO reset_signups (id, created_at, expires_at, email, name, password_hash, created_by_ip, created_by_agent)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			w.ID, w.CreatedAt, w.ExpiresAt, w.Email, w.Name, sqldb.Null(w.PasswordHash), address(w.CreatedByIP), w.CreatedByAgent)
		if err != nil {
			return err
		}
		return q.Queue(ctx, d)
	})
}

// SignUp implements users.SignUpStore.
func (s *Store) SignUp(ctx context.Context, id reset.ID) (users.SignUp, error) {
	var r signUpRow
	err := s.Get(ctx, &r, `
		SELECT id, created_at, expires_at, email, name, password_hash, created_by_ip, created_by_agent, confirmed_at
		FROM reset_signups WHERE id = $1`, id)
	return users.SignUp{
		ID: r.ID, CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time, Email: r.Email, Name: r.Name,
		PasswordHash: r.PasswordHash.V, CreatedByIP: r.CreatedByIP.Addr, CreatedByAgent: r.CreatedByAgent, ConfirmedAt: r.ConfirmedAt.Time,
	}, err
}

// Confirm implements users.SignUpStore. It moves the password hash from the sign-up
// to the account.
func (s *Store) Confirm(ctx context.Context, w users.SignUp, now time.Time, by reset.Client) error {
	return s.inTx(ctx, func(q queries) error {
		n, err := q.Exec(ctx, `
			UPDATE reset_signups SET confirmed_at = $2, password_hash = NULL
			WHERE id = $1 AND confirmed_at IS NULL AND expires_at > $2`, w.ID, now)
		if err == nil && n == 0 {
			return reset.ErrNotFound
		}
		if err != nil {
			return err
		}
		u := users.User{ID: uuid.New(), Email: w.Email, Name: w.Name, PasswordHash: w.PasswordHash, Active: true, CreatedAt: now}
		if err := q.addUser(ctx, u); err != nil {
			return err
		}
		return q.Append(ctx, reset.Event{UserID: u.ID.String(), At: now, Kind: reset.EventSignedUp, Actor: reset.ActorUser, IP: by.IP, Agent: by.Agent})
	})
}

// DeleteEndedSignUps removes sign-ups whose link is dead.
func (s *Store) DeleteEndedSignUps(ctx context.Context, now time.Time) error {
	return s.Run(ctx, `DELETE FROM reset_signups WHERE expires_at <= $1`, now)
}
