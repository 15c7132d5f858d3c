package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"resetd/internal/reset"
)

// Rows are read into the structs of the domain: a list of columns, and a function
// that returns the fields for them in the same order.

// ResetColumns lists the columns of the record, for SELECT and RETURNING.
var ResetColumns = func() string {
	names := make([]string, len(reset.Columns))
	for i, c := range reset.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}()

func resetFields(r *reset.Reset) []any {
	fields := make([]any, len(reset.Columns))
	for i, c := range reset.Columns {
		fields[i] = c.Field(r)
	}
	return fields
}

// Resets reads the rows of a query for ResetColumns.
func (db DB) Resets(ctx context.Context, query string, args ...any) ([]reset.Reset, error) {
	return All(ctx, db, resetFields, query, args...)
}

// Reset reads the one row of a query for ResetColumns, or returns
// reset.ErrNotFound.
func (db DB) Reset(ctx context.Context, query string, args ...any) (reset.Reset, error) {
	return One(ctx, db, resetFields, query, args...)
}

// NewerSignUpSent is the condition that a newer link was sent to the address of a sign-up.
// A sign-up whose email was not sent does not count: it was throttled, or the email
// is late.
const NewerSignUpSent = `EXISTS (
	SELECT 1 FROM reset_signups newer JOIN reset_deliveries d ON d.id = newer.id
	WHERE newer.email = reset_signups.email AND newer.number > reset_signups.number
		AND d.kind = 'signup_confirm' AND d.sent_at IS NOT NULL)`

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
	return All(ctx, db, deliveryFields, query, args...)
}

// Delivery reads the one row of a query for DeliveryColumns, or returns
// reset.ErrNotFound.
func (db DB) Delivery(ctx context.Context, query string, args ...any) (reset.Delivery, error) {
	return One(ctx, db, deliveryFields, query, args...)
}

// ClaimColumns lists the columns of a claim.
const ClaimColumns = `id, reset_id, notice_id, user_id, claimed_at, ip, agent, old_hash, new_hash, held_until, keep_until`

// claimFields returns the fields of ClaimColumns, in the same order.
func claimFields(c *reset.Claim) []any {
	return []any{
		&c.ID, &c.ResetID, &c.NoticeID, &c.UserID, &c.At, &c.By.IP, &c.By.Agent, &c.OldHash, &c.NewHash, &c.HeldUntil, &c.KeepUntil,
	}
}

// Claims reads the rows of a query for ClaimColumns.
func (db DB) Claims(ctx context.Context, query string, args ...any) ([]reset.Claim, error) {
	return All(ctx, db, claimFields, query, args...)
}

// One is All for a query of one row. It returns reset.ErrNotFound if there is none.
func One[T any](ctx context.Context, db DB, fields func(*T) []any, query string, args ...any) (row T, err error) {
	found, err := read(ctx, db, "get", fields, query, args)
	if err == nil && len(found) == 0 {
		err = reset.ErrNotFound
	}
	if err != nil {
		return row, err
	}
	return found[0], nil
}

// All reads the rows of a query. fields returns a pointer to a field for each column.
func All[T any](ctx context.Context, db DB, fields func(*T) []any, query string, args ...any) ([]T, error) {
	return read(ctx, db, "list", fields, query, args)
}

func read[T any](ctx context.Context, db DB, operation string, fields func(*T) []any, query string, args []any) (found []T, err error) {
	defer db.observe(ctx, operation, &err)()
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, db.translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row T
		into := fields(&row)
		for i, field := range into {
			into[i] = scanner(field)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, db.translate(err)
		}
		found = append(found, row)
	}
	return found, db.translate(rows.Err())
}

// scan sets a field from a driver's value.
type scan func(src any) error

// Scan implements sql.Scanner.
func (f scan) Scan(src any) error { return f(src) }

// scanner returns a destination for Scan that sets a field. NULL becomes the zero value.
func scanner(field any) any {
	switch p := field.(type) {
	case *time.Time:
		return scan(func(src any) error { var i Instant; err := i.Scan(src); *p = i.Time; return err })
	case *netip.Addr:
		return scan(func(src any) error { var a IP; err := a.Scan(src); *p = a.Addr; return err })
	case *int, *int64, *bool, sql.Scanner:
		return p
	}
	text := reflect.ValueOf(field).Elem()
	if text.Kind() != reflect.String {
		panic(fmt.Sprintf("sqldb: a column of type %T", field))
	}
	return scan(func(src any) error { var t Text; err := t.Scan(src); text.SetString(t.V); return err })
}
