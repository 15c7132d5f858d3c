package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// settle writes the outcomes of several callers.
func settle(ctx context.Context, db sqldb.DB, all [][]reset.Attempt) error {
	return queries{DB: db}.Settle(ctx, slices.Concat(all...)...)
}

// Settle implements reset.Deliveries.
func (q queries) Settle(ctx context.Context, all ...reset.Attempt) error {
	for part := range sqldb.Chunks(all) {
		settled, err := q.settleDeliveries(ctx, part)
		if err != nil {
			return err
		}
		var resets []reset.Delivery
		var events []reset.Event
		for _, a := range part {
			if !slices.Contains(settled, a.ID) {
				continue // another worker has leased it since
			}
			if a.Kind.HasLink() && a.Recipient != "" && !a.Received() {
				resets = append(resets, a.Delivery)
			}
			if a.Event.ResetID != (reset.ID{}) { // events belong to resets
				events = append(events, a.Event)
			}
		}
		if err := q.settleResets(ctx, resets); err != nil {
			return err
		}
		if err := q.Append(ctx, events...); err != nil {
			return err
		}
	}
	return nil
}

// attemptRow is id, attempts, sent_at, failed_at, next_attempt_at, last_reply, last_server,
// message_id of a delivery; stateRow is id, mail of its reset.
var (
	attemptRow = sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6, $7, $8)`, Width: 8}
	stateRow   = sqldb.RowTemplate{Text: `($1, $2)`, Width: 2}
)

// settleDeliveries returns the deliveries that the callers still held.
func (q queries) settleDeliveries(ctx context.Context, part []reset.Attempt) (settled []reset.ID, err error) {
	var args []any
	for _, d := range part {
		args = append(args, d.ID, strconv.Itoa(d.Attempts), d.SentAt, d.FailedAt, d.NextAttemptAt, d.LastReply, d.LastServer, d.MessageID)
	}
	at := func(column string) string { return fmt.Sprintf(q.Dialect.Time, column) }
	err = q.List(ctx, &settled, `
		WITH attempt (a_id, a_attempts, a_sent_at, a_failed_at, a_next, a_reply, a_server, a_message) AS (VALUES `+attemptRow.Times(len(part), 0)+`)
		UPDATE reset_deliveries SET sent_at = `+at(`a_sent_at`)+`, failed_at = `+at(`a_failed_at`)+`, next_attempt_at = `+at(`a_next`)+`,
			last_reply = a_reply, last_server = a_server, message_id = a_message
		FROM attempt WHERE id = `+fmt.Sprintf(q.Dialect.UUID, `a_id`)+` AND attempts = CAST(a_attempts AS integer)
		RETURNING id`, args...)
	return settled, err
}

// settleResets keeps what a bounce said: a fast server returns an email before its acceptance
// is stored.
func (q queries) settleResets(ctx context.Context, all []reset.Delivery) error {
	for part := range sqldb.Chunks(all) {
		var args []any
		for _, d := range part {
			args = append(args, d.ResetID, sqldb.Null(d.MailState()))
		}
		err := q.Run(ctx, `
			WITH state (s_id, s_mail) AS (VALUES `+stateRow.Times(len(part), 0)+`)
			UPDATE password_resets SET mail = s_mail
			FROM state WHERE id = `+fmt.Sprintf(q.Dialect.UUID, `s_id`)+` AND (mail IS NULL OR mail <> '`+string(reset.MailBounced)+`')`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}
