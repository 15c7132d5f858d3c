package sqldb

import (
	"context"

	"resetd/internal/reset"
)

// DeliveryColumns lists the columns of a delivery, for SELECT and RETURNING.
const DeliveryColumns = `id, reset_id, kind, user_id, recipient, locale, created_at, ip, agent,
	attempts, next_attempt_at, sent_at, failed_at, last_reply, last_server, message_id, denied_at, rescue_id, bounced_at`

// deliveryFields returns the fields of DeliveryColumns, in the same order.
func deliveryFields(d *reset.Delivery) []any {
	return []any{
		&d.ID, &d.ResetID, &d.Kind, &d.UserID, &d.Recipient, &d.Locale, &d.CreatedAt, &d.IP, &d.Agent,
		&d.Attempts, &d.NextAttemptAt, &d.SentAt, &d.FailedAt, &d.LastReply, &d.LastServer, &d.MessageID, &d.DeniedAt, &d.RescueID, &d.BouncedAt,
	}
}

// Deliveries reads the rows of a query for DeliveryColumns.
func (db DB) Deliveries(ctx context.Context, query string, args ...any) ([]reset.Delivery, error) {
	return scanAll(ctx, db, deliveryFields, query, args)
}
