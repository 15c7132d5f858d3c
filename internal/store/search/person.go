package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

const (
	// mostNewest is how many of the newest resets are looked at to find names.
	mostNewest = 250
	// mostAddresses and mostAccounts limit the names that are found in them.
	mostAddresses, mostAccounts = 10, 20
	// mostInVain is how many addresses are returned that no account had.
	mostInVain = 5
	// mostNamed is how many of the newest requests by name are looked at to find an address.
	mostNamed = 10_000
	// mostLives is how many resets a part of a timeline contains.
	mostLives = 250
	// lifeTime is how long after its request something may happen to a reset: the
	// "this wasn't me" of its email works for seven days.
	lifeTime = 8 * 24 * time.Hour
)

// AddressesOf implements history.Store.
func (r History) AddressesOf(ctx context.Context, userID string) (emails []string, err error) {
	err = r.db.List(ctx, &emails, `
		SELECT DISTINCT email FROM (
			SELECT email FROM password_resets WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2) AS newest
		ORDER BY email LIMIT $3`, userID, mostNewest, mostAddresses)
	return emails, err
}

// AccountsAskedFor implements history.Store.
func (r History) AccountsAskedFor(ctx context.Context, email string) (ids []string, err error) {
	err = r.db.List(ctx, &ids, `
		SELECT DISTINCT user_id FROM (
			SELECT user_id FROM password_resets WHERE email = $1 ORDER BY created_at DESC LIMIT $2) AS newest
		WHERE user_id IS NOT NULL ORDER BY user_id LIMIT $3`, email, mostNewest, mostAccounts)
	return ids, err
}

// AccountsMailed implements history.Store. There is no index on recipients, so a subquery
// looks up the email of each of the newest requests by name.
func (r History) AccountsMailed(ctx context.Context, to reset.Address, since time.Time) (ids []string, err error) {
	err = r.db.List(ctx, &ids, `
		SELECT DISTINCT user_id FROM (
			SELECT (SELECT max(user_id) FROM reset_deliveries WHERE reset_id = named.id AND lower(recipient) IN (lower($3), $4, $5)) AS user_id FROM (
				SELECT id FROM password_resets WHERE created_at >= $1 AND email NOT LIKE '%@%' ORDER BY created_at DESC LIMIT $2) AS named) AS mailed
		WHERE user_id IS NOT NULL ORDER BY user_id LIMIT $6`,
		since, mostNamed, to.Typed, to.Folded, to.Normal, mostAccounts)
	return ids, err
}

// AskedInVain implements history.Store.
func (r History) AskedInVain(ctx context.Context, emails []string, since time.Time) (all []history.Asked, err error) {
	list, err := json.Marshal(emails)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Email string        `db:"email"`
		At    sqldb.Instant `db:"at"`
	}
	err = r.db.List(ctx, &rows, `
		SELECT email, max(created_at) AS at FROM password_resets
		WHERE email IN (`+fmt.Sprintf(r.db.Dialect.Texts, `$1`)+`) AND created_at >= $2 AND withheld = $3
		GROUP BY email ORDER BY at DESC LIMIT $4`, string(list), since, reset.WithheldNoAccount, mostInVain)
	for _, row := range rows {
		all = append(all, history.Asked{Email: row.Email, At: row.At.Time})
	}
	return all, err
}

// Email implements history.Store.
func (r History) Email(ctx context.Context, id reset.ID) (reset.Delivery, error) {
	d, err := r.db.Delivery(ctx, `SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries WHERE id = $1`, id)
	if errors.Is(err, reset.ErrNotFound) {
		return d, nil
	}
	return d, err
}

// newestOf selects columns of the newest n resets of a person in a span, and a few more:
// of those by account and by each address, which have an index each. Of an address, only
// the requests that found no account belong to the person.
func newestOf(c *sqldb.Conditions, columns string, p history.Person, in history.Span, n int) string {
	newest := func(condition, value, further string, n int) string {
		during(c, "created_at", in)
		c.Add(condition, value)
		return `SELECT ` + columns + ` FROM (
			SELECT * FROM password_resets` + c.Where() + ` ORDER BY created_at DESC, id DESC LIMIT ` + c.Bind(n) + `) AS newest` + further
	}
	all := []string{newest(`user_id = ?`, p.UserID, ``, n)}
	for _, email := range p.Emails {
		all = append(all, newest(`email = ?`, email, ` WHERE user_id IS NULL`, max(n, mostLives)))
	}
	return strings.Join(all, ` UNION ALL `)
}

// during replaces the conditions by those of a span, and keeps the parameters.
func during(c *sqldb.Conditions, column string, in history.Span) {
	c.Parts = nil
	if !in.Since.IsZero() {
		c.Add(column+` >= ?`, in.Since)
	}
	if !in.Until.IsZero() {
		c.Add(column+` < ?`, in.Until)
	}
}

// Marks implements history.Store.
func (r History) Marks(ctx context.Context, p history.Person, from history.Sources, until time.Time, n int) (marks []time.Time, err error) {
	before := history.Span{Until: until}
	var c sqldb.Conditions
	var parts []string
	add := func(rows, order string) {
		parts = append(parts, `SELECT at FROM (`+rows+` ORDER BY `+order+` DESC LIMIT `+c.Bind(n)+`) AS part`)
	}
	if from.Resets {
		add(newestOf(&c, `created_at AS at`, p, before, n), `at`)
	}
	if from.Events {
		add(`SELECT at FROM reset_events`+eventsOf(&c, p, from, before), `id`)
	}
	if from.Mails {
		add(`SELECT created_at AS at FROM reset_deliveries`+mailsOf(&c, p, before), `created_at`)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	var rows []sqldb.Instant
	err = r.db.List(ctx, &rows, strings.Join(parts, ` UNION ALL `)+` ORDER BY at DESC LIMIT `+c.Bind(n), c.Args...)
	for _, at := range rows {
		marks = append(marks, at.Time)
	}
	return marks, err
}

func eventsOf(c *sqldb.Conditions, p history.Person, from history.Sources, in history.Span) (where string) {
	during(c, "at", in)
	c.Add(`user_id = ?`, p.UserID)
	if from.Kinds != nil {
		c.Parts = append(c.Parts, `kind IN (`+sqldb.BindAll(c, from.Kinds)+`)`)
	}
	return c.Where()
}

func mailsOf(c *sqldb.Conditions, p history.Person, in history.Span) (where string) {
	during(c, "created_at", in)
	c.Add(`reset_id IS NULL AND user_id = ?`, p.UserID)
	return c.Where()
}

// LastEvent implements history.Store.
func (r History) LastEvent(ctx context.Context, userID string, kinds ...reset.EventKind) (e history.Event, err error) {
	var c sqldb.Conditions
	c.Add(`user_id = ?`, userID)
	found, err := r.events(ctx, `reset_events`+c.Where(`kind IN (`+sqldb.BindAll(&c, kinds)+`)`)+` ORDER BY id DESC LIMIT 1`, c.Args...)
	if len(found) > 0 {
		e = found[0]
	}
	return e, err
}

// CountAsked implements history.Store.
func (r History) CountAsked(ctx context.Context, p history.Person, since time.Time, most int) (n int, err error) {
	var c sqldb.Conditions
	newest := newestOf(&c, `requested_by`, p, history.Span{Since: since}, most)
	err = r.db.Get(ctx, &n, `SELECT count(*) FROM (`+newest+`) AS asked WHERE requested_by = `+c.Bind(reset.RequestedByUser), c.Args...)
	return min(n, most), err
}
