package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/users"
)

var _ users.SignUpStore = (*Store)(nil)

// ReplacedSignUps implements reset.Deliveries. A throttled sign-up has no recipient.
func (q queries) ReplacedSignUps(ctx context.Context, ids []reset.ID) (map[reset.ID]bool, error) {
	replaced := map[reset.ID]bool{}
	for part := range sqldb.Chunks(ids) {
		var c sqldb.Conditions
		var found []reset.ID
		err := q.List(ctx, &found, `
			SELECT id FROM reset_signups`+c.Where(`id IN (`+sqldb.BindAll(&c, part)+`)`, `EXISTS (
				SELECT 1 FROM reset_signups newer JOIN reset_deliveries d ON d.id = newer.id
				WHERE newer.email = reset_signups.email AND newer.number > reset_signups.number
					AND d.recipient IS NOT NULL AND (d.sent_at IS NOT NULL OR d.next_attempt_at IS NOT NULL))`), c.Args...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			replaced[id] = true
		}
	}
	return replaced, nil
}

// SignUp implements users.SignUpStore.
func (s *Store) SignUp(ctx context.Context, id reset.ID) (users.SignUp, error) {
	fields := func(u *users.SignUp) []any {
		return []any{&u.ID, &u.ExpiresAt, &u.Email, &u.ConfirmedAt, &u.ConfirmedByIP, &u.Outdated}
	}
	return sqldb.One(ctx, s.DB, fields, `
		SELECT id, expires_at, email, confirmed_at, confirmed_by_ip, `+sqldb.NewerSignUpSent+` AS outdated
		FROM reset_signups WHERE id = $1`, id)
}

// Confirm implements users.SignUpStore.
func (s *Store) Confirm(ctx context.Context, id reset.ID, u users.User, by reset.Client) error {
	return s.inTx(ctx, func(q queries) error {
		err := q.ExecOne(ctx, `
			UPDATE reset_signups SET confirmed_at = $2, confirmed_by_ip = $3
			WHERE id = $1 AND confirmed_at IS NULL AND expires_at > $2 AND NOT `+sqldb.NewerSignUpSent, id, u.CreatedAt, address(by.IP))
		if err != nil {
			return err
		}
		if err := q.addUser(ctx, u); err != nil {
			return err
		}
		return q.Append(ctx, reset.Event{UserID: u.ID.String(), At: u.CreatedAt, Kind: reset.EventSignedUp, Actor: reset.ActorUser, IP: by.IP, Agent: by.Agent})
	})
}

// DeleteEndedSignUps removes sign-ups whose link is dead.
func (s *Store) DeleteEndedSignUps(ctx context.Context, now time.Time) error {
	return s.Run(ctx, `DELETE FROM reset_signups WHERE expires_at <= $1`, now)
}
