package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/store/sqldb"
)

// record is the content of the database, read without the program.
type record struct {
	resets     []row
	deliveries []delivery
}

// row is a row of password_resets.
type row struct {
	ID       string `db:"id"`
	AskAgent string `db:"ask_agent"`
	UseAgent string `db:"use_agent"`
	Withheld bool   `db:"withheld"`
	Used     bool   `db:"used"`
	Revoked  bool   `db:"revoked"`
	Closed   bool   `db:"closed"` // it has expired
	UserID   string `db:"user_id"`
	Unknown  bool   `db:"unknown"` // it is not known whether the password was set
}

// delivery is a row of reset_deliveries.
type delivery struct {
	ID      string `db:"id"`
	Reset   string `db:"reset"`
	Kind    string `db:"kind"`
	Sent    bool   `db:"sent"`
	Waiting bool   `db:"waiting"`
	Again   bool   `db:"again"`
}

// again is the condition of a notice that a mail server took without an answer: it is sent
// again after an hour, which is later than $1.
const again = `(next_attempt_at IS NOT NULL AND kind = 'password_changed' AND next_attempt_at > $1)`

// soon is when the emails that wait for another reason are sent at the latest.
func soon() string { return sqldb.Format(time.Now().Add(10 * time.Minute)) }

// waiting returns how many unsettled emails were created before a time.
func (t *trial) waiting(ctx context.Context, before time.Time) (n int, err error) {
	err = t.db.GetContext(ctx, &n, `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL AND NOT `+again+` AND created_at < $2`, soon(), sqldb.Format(before))
	return n, err
}

// strangers returns how many requests are recorded with another address than the
// visitors'.
func (t *trial) strangers(ctx context.Context) (n int, err error) {
	if t.site == nil {
		return 0, nil
	}
	err = t.db.GetContext(ctx, &n, `SELECT count(*) FROM password_resets WHERE host(created_by_ip) <> $1`, visitorIP)
	return n, err
}

func (t *trial) read(ctx context.Context) (r record, err error) {
	err = errors.Join(
		t.db.SelectContext(ctx, &r.resets, `
			SELECT CAST(id AS text) AS id, created_by_agent AS ask_agent, coalesce(used_by_agent, '') AS use_agent,
				withheld IS NOT NULL AS withheld, used_at IS NOT NULL AS used, revoked_at IS NOT NULL AS revoked, expires_at <= $1 AS closed,
				coalesce(user_id, '') AS user_id, EXISTS (SELECT 1 FROM reset_events e WHERE e.reset_id = password_resets.id AND e.kind = 'outcome_unknown') AS unknown
			FROM password_resets`, sqldb.Format(time.Now())),
		t.db.SelectContext(ctx, &r.deliveries, `
			SELECT CAST(id AS text) AS id, coalesce(CAST(reset_id AS text), '') AS reset, kind,
				sent_at IS NOT NULL AS sent, next_attempt_at IS NOT NULL AS waiting, `+again+` AS again
			FROM reset_deliveries`, soon()))
	return r, err
}

// checkFile runs SQLite's integrity check. PostgreSQL has no such check; damage would
// show in the rows.
func (t *trial) checkFile(ctx context.Context) error {
	if t.cluster != nil {
		return nil
	}
	var answer string
	if err := t.db.GetContext(ctx, &answer, `PRAGMA integrity_check`); err != nil {
		return err
	}
	if answer != "ok" {
		return fmt.Errorf("integrity_check: %s", answer)
	}
	return nil
}
