package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

var (
	resetColumns = []string{
		"id", "created_at", "expires_at", "user_id", "email", "created_by_ip", "created_by_agent", "withheld", "account_state", "mail",
		"opened_at", "opened_by_ip", "used_at", "used_by_ip", "used_by_agent", "revoked_at", "revoked_by",
	}
	deliveryColumns = []string{"id", "reset_id", "kind", "user_id", "created_at", "recipient", "attempts", "sent_at", "failed_at", "bounced_at", "last_reply", "last_server", "message_id"}
)

// fill writes all rows. It creates the indexes afterwards, which takes a tenth of the
// time.
func fill(ctx context.Context, databaseURL string, w world) error {
	opened, err := testkit.Connect(databaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	db, driver := opened.DB, opened.DriverName()
	again, err := dropIndexes(ctx, db, driver)
	if err != nil {
		return err
	}
	for _, t := range []table{
		{"users", userColumns, w.users},
		{"password_resets", resetColumns, w.rows(resetValues)},
		{"reset_deliveries", deliveryColumns, w.rows(deliveryValues)},
		{"reset_deliveries", deliveryColumns, w.rows(noticeValues)},
		{"reset_events", eventColumns, w.events},
		{"reset_audit", auditColumns, w.audit},
	} {
		if err := t.write(ctx, db, driver); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	if driver == "postgres" {
		again = append(again, `VACUUM ANALYZE`, `CHECKPOINT`) // autovacuum would do this later
	}
	return runAll(ctx, db, again)
}

func runAll(ctx context.Context, db *sql.DB, all []string) error {
	for _, statement := range all {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}

// dropIndexes drops the indexes that slow inserts down, and returns the statements that
// create them again.
func dropIndexes(ctx context.Context, db *sql.DB, driver string) (again []string, err error) {
	list := map[string]string{
		"postgres": `SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('users', 'password_resets', 'reset_deliveries', 'reset_events') AND indexname NOT LIKE '%\_by\_id'`,
		"sqlite":   `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('users', 'password_resets', 'reset_deliveries', 'reset_events')`,
	}[driver]
	rows, err := db.QueryContext(ctx, list)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var drops []string
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, err
		}
		drops, again = append(drops, `DROP INDEX `+name), append(again, definition)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	return again, runAll(ctx, db, drops)
}

// table is a table and its rows.
type table struct {
	name    string
	columns []string
	each    func(yield func(values ...any) error) error
}

// rows returns the rows that values makes of all resets; nil: none.
func (w world) rows(values func(row) []any) func(func(...any) error) error {
	return func(yield func(...any) error) error {
		return w.each(func(_ int, r row) error {
			if all := values(r); all != nil {
				return yield(all...)
			}
			return nil
		})
	}
}

// write writes a table in one transaction.
//
//nolint:gosec // the SQL is constant
func (t table) write(ctx context.Context, db *sql.DB, driver string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if driver == "postgres" { // checking the foreign keys takes longer than writing the rows
		if _, err := tx.ExecContext(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
	}
	query := `INSERT INTO ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) VALUES (?` + strings.Repeat(", ?", len(t.columns)-1) + `)`
	if driver == "postgres" {
		query = `COPY ` + t.name + ` (` + strings.Join(t.columns, ", ") + `) FROM STDIN`
	}
	insert, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	err = t.each(func(values ...any) error {
		_, err := insert.ExecContext(ctx, values...)
		return err
	})
	if err == nil && driver == "postgres" {
		_, err = insert.ExecContext(ctx) // ends COPY
	}
	if err != nil {
		return err
	}
	if err := insert.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

func resetValues(r row) []any {
	var user, state, agent any
	if r.account > 0 {
		user = account(int(r.account))
	}
	if r.withheld == "" {
		state = "a digest of forty-three characters, as it is"
	}
	if r.used > 0 {
		agent = r.agent
	}
	revoked := time.Duration(0)
	if r.revoked != "" {
		revoked = 5 * time.Minute
	}
	return []any{
		r.id.String(), sqldb.Format(r.at), sqldb.Format(r.at.Add(time.Hour)), user, r.email, r.ip.String(), r.agent, some(r.withheld), state, some(r.mail),
		after(r.at, r.opened), ip(r.opened, r.ip), after(r.at, r.used), ip(r.used, r.usedIP), agent, after(r.at, revoked), some(r.revoked),
	}
}

// deliveryValues returns the values of the email with the link.
func deliveryValues(r row) []any {
	var user, recipient, sent, failed, bounced any
	reply, server, attempts := "", "", 0
	if r.account > 0 {
		user = account(int(r.account))
	}
	switch r.mail {
	case "accepted", "bounced":
		recipient, sent, reply, server, attempts = r.email, after(r.at, time.Second), accepted, mailServer, 1
		if r.mail == "bounced" {
			bounced = after(r.at, time.Minute)
		}
	case "unknown":
		recipient, sent, server, attempts = r.email, after(r.at, time.Second), mailServer, 1
	case "failed":
		recipient, failed, reply, server, attempts = r.email, after(r.at, time.Second), noSuchUser, mailServer, 1
	}
	id := sibling(r.id, 0xff)
	return []any{id.String(), r.id.String(), "reset_link", user, sqldb.Format(r.at), recipient, attempts, sent, failed, bounced, reply, server, messageID(id)}
}

// noticeValues returns the values of the email that reports a new password. Only the
// recent ones are on the page of a person.
func noticeValues(r row) []any {
	if r.used == 0 || !r.recent {
		return nil
	}
	id, at := sibling(r.id, 0xfe), r.at.Add(r.used)
	return []any{
		id.String(), r.id.String(), "password_changed", account(int(r.account)), sqldb.Format(at), r.email, 1, after(at, time.Second), nil, nil,
		accepted, mailServer, messageID(id),
	}
}

const (
	mailServer = "mx.example.com:25"
	accepted   = "250 2.0.0 Ok: queued"
	noSuchUser = "550 5.1.1 no such user"
	greylisted = "451 4.7.1 greylisted, try again later"
)

// messageID returns the Message-ID of an email, which contains its id.
func messageID(id uuid.UUID) string { return id.String() + "@example.com" }

// sibling returns the id of an email of a reset.
func sibling(id uuid.UUID, which byte) uuid.UUID {
	id[15] ^= which
	return id
}

func some(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func after(at time.Time, d time.Duration) any {
	if d == 0 {
		return nil
	}
	return sqldb.Format(at.Add(d))
}

func ip(d time.Duration, a netip.Addr) any {
	if d == 0 {
		return nil
	}
	return a.String()
}
