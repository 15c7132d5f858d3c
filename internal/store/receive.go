package store

import (
	"context"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Receiver writes requests, see package intake, on a connection of its own. One
// goroutine at a time may use it.
type Receiver struct{ session *sqldb.Session }

// NewReceiver connects at the first statement.
func (s *Store) NewReceiver() *Receiver { return &Receiver{s.pool.NewSession()} }

// Charge runs f, which charges limits.
func (r *Receiver) Charge(ctx context.Context, f func(limit.Counters) error) error {
	return r.session.Each(ctx, func(db sqldb.DB) error { return f(counters{db}) })
}

// Receive inserts requests with their deliveries, all or none.
func (r *Receiver) Receive(ctx context.Context, all []reset.Matched) error {
	write := r.session.InTx
	if sqldb.OneChunk(len(all)) {
		write = r.session.Each
	}
	return write(ctx, func(db sqldb.DB) error { return queries{DB: db}.receive(ctx, all) })
}

// Close returns the connection to the pool.
func (r *Receiver) Close() { r.session.Close() }

// receivedRow is what is known of a request before it is matched: of the reset, and
// of its delivery, which is due at once.
var (
	receivedRow         = sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6, 'user', $7)`, Width: 10}
	receivedDeliveryRow = sqldb.RowTemplate{Text: `($8, $1, 'reset_link', $9, $10, $2, $2)`, Width: 10}
	receivedResets      = `INSERT INTO password_resets (id, created_at, expires_at, email, created_by_ip, created_by_agent, requested_by, withheld) VALUES `
	receivedDeliveries  = `INSERT INTO reset_deliveries (id, reset_id, kind, recipient, locale, created_at, next_attempt_at) VALUES `
)

// receive inserts requests that were not matched yet.
func (q queries) receive(ctx context.Context, all []reset.Matched) error {
	for part := range sqldb.Chunks(all) {
		args := make([]any, 0, len(part)*receivedRow.Width)
		for _, m := range part {
			r, d := m.Reset, m.Delivery
			args = append(args, r.ID, r.CreatedAt, r.ExpiresAt, r.Email, address(r.CreatedByIP), r.CreatedByAgent, sqldb.Null(r.Withheld),
				d.ID, sqldb.Null(d.Recipient), d.Locale)
		}
		resets, mails := receivedResets+receivedRow.Times(len(part), 0), receivedDeliveries+receivedDeliveryRow.Times(len(part), 0)
		query := resets + `; ` + mails
		if q.Dialect.OneInsert {
			query = `WITH made AS (` + resets + `) ` + mails
		}
		if err := q.Run(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
