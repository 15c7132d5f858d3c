package sqldb

import (
	"context"

	"resetd/internal/reset"
)

// DeliveryColumns lists the columns of a delivery, for SELECT and RETURNING.
const DeliveryColumns = `id, reset_id, kind, user_id, recipient, locale, created_at, ip, agent,
	attempts, next_attempt_at, sent_at, failed_at, last_reply, last_server, denied_at, rescue_id`

type deliveryRow struct {
	ID            reset.ID     `db:"id"`
	ResetID       *reset.ID    `db:"reset_id"`
	Kind          reset.Kind   `db:"kind"`
	UserID        Text[string] `db:"user_id"`
	Recipient     Text[string] `db:"recipient"`
	Locale        string       `db:"locale"`
	CreatedAt     Instant      `db:"created_at"`
	IP            IP           `db:"ip"`
	Agent         string       `db:"agent"`
	Attempts      int          `db:"attempts"`
	NextAttemptAt Instant      `db:"next_attempt_at"`
	SentAt        Instant      `db:"sent_at"`
	FailedAt      Instant      `db:"failed_at"`
	LastReply     string       `db:"last_reply"`
	LastServer    string       `db:"last_server"`
	DeniedAt      Instant      `db:"denied_at"`
	RescueID      *reset.ID    `db:"rescue_id"`
}

func (r deliveryRow) delivery() reset.Delivery {
	d := reset.Delivery{
		ID: r.ID, Kind: r.Kind, UserID: r.UserID.V, Recipient: r.Recipient.V, Locale: r.Locale,
		CreatedAt: r.CreatedAt.Time, IP: r.IP.Addr, Agent: r.Agent,
		Attempts: r.Attempts, NextAttemptAt: r.NextAttemptAt.Time, SentAt: r.SentAt.Time, FailedAt: r.FailedAt.Time,
		LastReply: r.LastReply, LastServer: r.LastServer, DeniedAt: r.DeniedAt.Time,
	}
	if r.ResetID != nil {
		d.ResetID = *r.ResetID
	}
	if r.RescueID != nil {
		d.RescueID = *r.RescueID
	}
	return d
}

// Deliveries reads the rows of a query for DeliveryColumns.
func (db DB) Deliveries(ctx context.Context, query string, args ...any) ([]reset.Delivery, error) {
	var rows []deliveryRow
	err := db.List(ctx, &rows, query, args...)
	found := make([]reset.Delivery, len(rows))
	for i, row := range rows {
		found[i] = row.delivery()
	}
	return found, err
}
