package store

import (
	"context"
	"time"

	"resetd/internal/staff"
	"resetd/internal/store/sqldb"
)

const auditColumns = `id, at, member, role, action, target, refused, reason, caller, ip, agent`

func auditFields(e *staff.Entry) []any {
	return []any{&e.ID, &e.At, &e.Member, &e.Role, &e.Action, &e.Target, &e.Refused, &e.Reason, &e.Caller, &e.IP, &e.Agent}
}

// Record implements staff.Store. It uses a separate transaction, so an attempt
// stays on record even if the action is rolled back.
func (s *Store) Record(ctx context.Context, e staff.Entry) error {
	return s.Run(ctx, `
		INSERT INTO reset_audit (at, member, role, action, target, refused, reason, caller, ip, agent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.At, e.Member, e.Role, e.Action, e.Target, e.Refused, e.Reason, e.Caller, e.IP, e.Agent)
}

// Audit implements staff.Store. Entries are ordered by time, which has an index, so
// that old ones are found as fast as new ones.
func (s *Store) Audit(ctx context.Context, q staff.Search) ([]staff.Entry, error) {
	if q.Targets != nil && len(q.Targets) == 0 {
		return nil, nil
	}
	var c sqldb.Conditions
	if q.Member != "" {
		c.Add(`lower(member) = lower(?)`, q.Member)
	}
	if q.Actions != nil {
		c.Parts = append(c.Parts, `action IN (`+sqldb.BindAll(&c, q.Actions)+`)`)
	}
	if q.Caller != "" {
		c.Add(`caller = ?`, q.Caller)
	}
	if q.Refused {
		c.Parts = append(c.Parts, `refused <> ''`)
	}
	if q.Reason != "" {
		c.Add(s.Dialect.Position+`(lower(reason), lower(?)) > 0`, q.Reason)
	}
	if q.Targets != nil {
		c.Parts = append(c.Parts, `target IN (`+sqldb.BindAll(&c, q.Targets)+`)`)
	}
	if !q.Since.IsZero() {
		c.Add(`at >= ?`, q.Since)
	}
	if !q.Until.IsZero() {
		c.Add(`at < ?`, q.Until)
	}
	if q.After != (staff.Position{}) {
		c.Parts = append(c.Parts, `(at, id) < (`+c.Bind(q.After.At)+`, `+c.Bind(q.After.ID)+`)`)
	}
	return s.entries(ctx, c.Where()+` ORDER BY at DESC, id DESC LIMIT `+c.Bind(q.Rows), c.Args...)
}

// CountUnverified implements staff.Store. An action that failed has two entries, an
// action that was not begun has one.
func (s *Store) CountUnverified(ctx context.Context, since, until time.Time) (n int, err error) {
	err = s.Get(ctx, &n, `
		SELECT count(CASE WHEN refused = '' THEN 1 END) - count(CASE WHEN refused NOT IN ('', $4, $5, $6) THEN 1 END)
		FROM reset_audit WHERE at >= $1 AND at < $2 AND caller = $3`,
		since, until, staff.Unverified, staff.ErrForbidden.Error(), staff.ErrNoReason.Error(), staff.ErrUnverified.Error())
	return n, err
}

// ActionsOn implements staff.Store.
func (s *Store) ActionsOn(ctx context.Context, targets []string, since, until time.Time, n int) ([]staff.Entry, error) {
	if len(targets) == 0 {
		return nil, nil
	}
	var c sqldb.Conditions
	c.Parts = append(c.Parts, `target IN (`+sqldb.BindAll(&c, targets)+`)`, `(reason <> '' OR action IN (`+sqldb.BindAll(&c, []staff.Action{staff.MailedCode, staff.TypedCode})+`))`)
	if !since.IsZero() {
		c.Add(`at >= ?`, since)
	}
	if !until.IsZero() {
		c.Add(`at < ?`, until)
	}
	return s.entries(ctx, c.Where()+` ORDER BY id DESC LIMIT `+c.Bind(n), c.Args...)
}

// Notes implements staff.Store.
func (s *Store) Notes(ctx context.Context, userID string, n int) ([]staff.Entry, error) {
	return s.entries(ctx, ` WHERE target = $1 AND action = $2 AND refused = '' ORDER BY id DESC LIMIT $3`, userID, staff.Noted, n)
}

func (s *Store) entries(ctx context.Context, which string, args ...any) ([]staff.Entry, error) {
	return sqldb.All(ctx, s.DB, auditFields, `SELECT `+auditColumns+` FROM reset_audit`+which, args...)
}
