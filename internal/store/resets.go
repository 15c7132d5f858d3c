package store

import (
	"context"
	"net/netip"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// The two inserts of a reset whose account is known share one list of parameters.
// PostgreSQL runs them as one statement in one round trip. receive.go has the inserts of
// a request.
const (
	insertReset = `
		INSERT INTO password_resets (id, created_at, expires_at, user_id, email, created_by_ip, created_by_agent, requested_by, withheld, account_state, mail,
			revoked_at, revoked_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	insertItsDelivery = `
		INSERT INTO reset_deliveries (id, reset_id, kind, user_id, recipient, locale, created_at, next_attempt_at)
		VALUES ($14, $1, $15, $4, $16, $17, $2, $18)`
	insertBoth = `WITH made AS (` + insertReset + `)` + insertItsDelivery
	insertEach = insertReset + `;` + insertItsDelivery
)

// Insert implements reset.Resets.
func (q queries) Insert(ctx context.Context, r reset.Reset, d reset.Delivery) error {
	query := insertEach
	if q.Dialect.OneInsert {
		query = insertBoth
	}
	return q.Run(ctx, query,
		r.ID, r.CreatedAt, r.ExpiresAt, sqldb.Null(r.UserID), r.Email, address(r.CreatedByIP), r.CreatedByAgent, r.RequestedBy,
		sqldb.Null(r.Withheld), sqldb.Null(r.AccountState), sqldb.Null(r.Mail), r.RevokedAt, sqldb.Null(r.RevokedBy), d.ID, d.Kind, sqldb.Null(d.Recipient), d.Locale, d.NextAttemptAt)
}

// Insert uses a transaction where the two inserts are separate statements.
func (s *Store) Insert(ctx context.Context, r reset.Reset, d reset.Delivery) error {
	if s.Dialect.OneInsert {
		return s.queries.Insert(ctx, r, d)
	}
	return s.inTx(ctx, func(q queries) error { return q.Insert(ctx, r, d) })
}

// Reset implements reset.Resets.
func (q queries) Reset(ctx context.Context, id reset.ID) (reset.Reset, error) {
	return q.DB.Reset(ctx, `SELECT `+sqldb.ResetColumns+` FROM password_resets WHERE id = $1`, id)
}

// ResetsByID implements reset.Resets.
func (q queries) ResetsByID(ctx context.Context, ids []reset.ID) (map[reset.ID]reset.Reset, error) {
	rows := map[reset.ID]reset.Reset{}
	for part := range sqldb.Chunks(ids) {
		var c sqldb.Conditions
		found, err := q.Resets(ctx, `SELECT `+sqldb.ResetColumns+` FROM password_resets WHERE id IN (`+sqldb.BindAll(&c, part)+`)`, c.Args...)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			rows[r.ID] = r
		}
	}
	return rows, nil
}

// Opened implements reset.Resets.
func (q queries) Opened(ctx context.Context, id reset.ID, now time.Time, by reset.Client) error {
	return q.Run(ctx, `
		UPDATE password_resets SET opened_at = $2, opened_by_ip = $3
		WHERE id = $1 AND opened_at IS NULL AND account_state IS NOT NULL`,
		id, now, address(by.IP))
}

// live is the condition for a usable link. It includes the expiry, so a late sweep
// does not extend a link.
const live = `account_state IS NOT NULL AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2`

// Use implements reset.Resets.
func (q queries) Use(ctx context.Context, id reset.ID, now time.Time, by reset.Client) (reset.Reset, error) {
	return q.DB.Reset(ctx, `
		UPDATE password_resets SET used_at = $2, used_by_ip = $3, used_by_agent = $4
		WHERE id = $1 AND `+live+`
		RETURNING `+sqldb.ResetColumns,
		id, now, address(by.IP), by.Agent)
}

// Revoke implements reset.Resets.
func (q queries) Revoke(ctx context.Context, id reset.ID, now time.Time, by string) error {
	return q.Run(ctx, `
		UPDATE password_resets SET revoked_at = $2, revoked_by = $3
		WHERE id = $1 AND used_at IS NULL AND revoked_at IS NULL AND withheld IS NULL AND expires_at > $2`,
		id, now, by)
}

// RevokeAll implements reset.Resets.
func (q queries) RevokeAll(ctx context.Context, userID string, now time.Time, by string) error {
	return q.Run(ctx, `
		UPDATE password_resets SET revoked_at = $2, revoked_by = $3
		WHERE user_id = $1 AND created_at <= $2 AND `+live,
		userID, now, by)
}

// Append implements reset.Resets.
func (q queries) Append(ctx context.Context, all ...reset.Event) error {
	for part := range sqldb.Chunks(all) {
		var args []any
		for _, e := range part {
			args = append(args, e.ResetID, sqldb.Null(e.UserID), e.At, e.Kind, e.Actor, e.IP, e.Agent, e.Detail)
		}
		err := q.Run(ctx, `INSERT INTO reset_events (reset_id, user_id, at, kind, actor, ip, agent, detail) VALUES `+eventRow.Times(len(part), 0), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

var eventRow = sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6, $7, $8)`, Width: 8}

// address returns a or, if a is not known, 0.0.0.0: the column is NOT NULL.
func address(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return netip.IPv4Unspecified()
	}
	return a
}
