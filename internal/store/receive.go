package store

import (
	"context"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Receiver writes requests and sign-ups, see package intake, on connections of its own.
// Charges need no wait for the disk: the commit of the rows, before the answer, takes them
// along, and after a power failure only charges of refused requests may be missing. One
// goroutine at a time may use it.
type Receiver struct{ charges, rows *sqldb.Session }

// NewReceiver connects at the first statement.
func (s *Store) NewReceiver() *Receiver {
	return &Receiver{s.pool.NewUnsyncedSession(), s.pool.NewSession()}
}

// Charge runs f, which charges limits.
func (r *Receiver) Charge(ctx context.Context, f func(limit.Counters) error) error {
	return r.charges.Each(ctx, func(db sqldb.DB) error { return f(counters{db}) })
}

// Receive inserts requests and sign-ups with their deliveries, all or none.
func (r *Receiver) Receive(ctx context.Context, all []reset.Queued) error {
	write := r.rows.InTx
	if sqldb.OneChunk(len(all)) {
		write = r.rows.Each
	}
	return write(ctx, func(db sqldb.DB) error { return queries{DB: db}.receive(ctx, all) })
}

// Close returns the connection to the pool.
func (r *Receiver) Close() { r.charges.Close(); r.rows.Close() }

// insertPair is the two inserts of what is known before the account is looked up: of a
// row, and of its delivery, which is due at once. They share one list of parameters.
type insertPair struct {
	row, delivery string
	values, mail  sqldb.RowTemplate
	args          func(r reset.Reset, d reset.Delivery) []any
}

var requests = insertPair{
	row:      `INSERT INTO password_resets (id, created_at, expires_at, email, created_by_ip, created_by_agent, requested_by, withheld) VALUES `,
	values:   sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6, 'user', $7)`, Width: 10},
	delivery: `INSERT INTO reset_deliveries (id, reset_id, kind, recipient, locale, created_at, next_attempt_at) VALUES `,
	mail:     sqldb.RowTemplate{Text: `($8, $1, 'reset_link', $9, $10, $2, $2)`, Width: 10},
	args: func(r reset.Reset, d reset.Delivery) []any {
		return []any{
			r.ID, r.CreatedAt, r.ExpiresAt, r.Email, address(r.CreatedByIP), r.CreatedByAgent, sqldb.Null(r.Withheld),
			d.ID, sqldb.Null(d.Recipient), d.Locale,
		}
	},
}

// signUps share the id with their delivery.
var signUps = insertPair{
	row:      `INSERT INTO reset_signups (id, created_at, expires_at, email, created_by_ip, created_by_agent) VALUES `,
	values:   sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6)`, Width: 8},
	delivery: `INSERT INTO reset_deliveries (id, kind, recipient, locale, created_at, next_attempt_at, ip, agent) VALUES `,
	mail:     sqldb.RowTemplate{Text: `($1, 'signup_confirm', $7, $8, $2, $2, $5, $6)`, Width: 8},
	args: func(r reset.Reset, d reset.Delivery) []any {
		return []any{
			r.ID, r.CreatedAt, r.ExpiresAt, r.Email, address(r.CreatedByIP), r.CreatedByAgent, sqldb.Null(d.Recipient), d.Locale,
		}
	},
}

// receive inserts requests and sign-ups that were not matched yet.
func (q queries) receive(ctx context.Context, all []reset.Queued) error {
	var links, accounts []reset.Queued
	for _, m := range all {
		if m.Delivery.Kind == reset.KindSignUpConfirm {
			accounts = append(accounts, m)
		} else {
			links = append(links, m)
		}
	}
	if err := q.insertPairs(ctx, requests, links); err != nil {
		return err
	}
	return q.insertPairs(ctx, signUps, accounts)
}

func (q queries) insertPairs(ctx context.Context, a insertPair, all []reset.Queued) error {
	for part := range sqldb.Chunks(all) {
		args := make([]any, 0, len(part)*a.values.Width)
		for _, m := range part {
			args = append(args, a.args(m.Reset, m.Delivery)...)
		}
		rows, mails := a.row+a.values.Times(len(part), 0), a.delivery+a.mail.Times(len(part), 0)
		query := rows + `; ` + mails
		if q.Dialect.OneInsert {
			query = `WITH made AS (` + rows + `) ` + mails
		}
		if err := q.Run(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}
