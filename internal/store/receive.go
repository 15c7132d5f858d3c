package store

import (
	"context"
	"errors"

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
func (r *Receiver) Charge(ctx context.Context, f func(limit.Charger) error) error {
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
	row, delivery             string
	rowValues, deliveryValues sqldb.RowTemplate
	args                      func(r reset.Reset, d reset.Delivery) []any
}

var requestInserts = insertPair{
	row:            `INSERT INTO password_resets (id, created_at, expires_at, email, created_by_ip, created_by_agent, requested_by, withheld) VALUES `,
	rowValues:      sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6, 'user', $7)`, Width: 10},
	delivery:       `INSERT INTO reset_deliveries (id, reset_id, kind, recipient, locale, created_at, next_attempt_at) VALUES `,
	deliveryValues: sqldb.RowTemplate{Text: `($8, $1, 'reset_link', $9, $10, $2, $2)`, Width: 10},
	args: func(r reset.Reset, d reset.Delivery) []any {
		return []any{
			r.ID, r.CreatedAt, r.ExpiresAt, r.Email, address(r.CreatedByIP), r.CreatedByAgent, sqldb.Null(r.Withheld),
			d.ID, sqldb.Null(d.Recipient), d.Locale,
		}
	},
}

// A sign-up shares its id with its delivery.
var signUpInserts = insertPair{
	row:            `INSERT INTO reset_signups (id, created_at, expires_at, email, created_by_ip, created_by_agent) VALUES `,
	rowValues:      sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6)`, Width: 8},
	delivery:       `INSERT INTO reset_deliveries (id, kind, recipient, locale, created_at, next_attempt_at, ip, agent) VALUES `,
	deliveryValues: sqldb.RowTemplate{Text: `($1, 'signup_confirm', $7, $8, $2, $2, $5, $6)`, Width: 8},
	args: func(r reset.Reset, d reset.Delivery) []any {
		return []any{
			r.ID, r.CreatedAt, r.ExpiresAt, r.Email, address(r.CreatedByIP), r.CreatedByAgent, sqldb.Null(d.Recipient), d.Locale,
		}
	},
}

// receive inserts requests and sign-ups that were not matched yet.
func (q queries) receive(ctx context.Context, all []reset.Queued) error {
	var requests, signUps []reset.Queued
	for _, one := range all {
		if one.Delivery.Kind == reset.KindSignUpConfirm {
			signUps = append(signUps, one)
		} else {
			requests = append(requests, one)
		}
	}
	if err := q.insertPairs(ctx, requestInserts, requests); err != nil {
		return err
	}
	return q.insertPairs(ctx, signUpInserts, signUps)
}

func (q queries) insertPairs(ctx context.Context, p insertPair, all []reset.Queued) error {
	for part := range sqldb.Chunks(all) {
		args := make([]any, 0, len(part)*p.rowValues.Width)
		for _, one := range part {
			args = append(args, p.args(one.Reset, one.Delivery)...)
		}
		rows, deliveries := p.row+p.rowValues.Times(len(part), 0), p.delivery+p.deliveryValues.Times(len(part), 0)
		query := rows + `; ` + deliveries
		if q.Dialect.OneInsert {
			query = `WITH made AS (` + rows + `) ` + deliveries
		}
		// The ids are random. If they exist, the statement was committed, and its reply lost.
		if err := q.Run(ctx, query, args...); err != nil && !errors.Is(err, sqldb.ErrDuplicate) {
			return err
		}
	}
	return nil
}
