package search

import (
	"context"
	"slices"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

const (
	// mostNewest is how many of the newest resets are looked at to find names.
	mostNewest = 1000
	// mostAddresses and mostAccounts limit the names that are found in them.
	mostAddresses, mostAccounts = 10, 20
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

// AccountMailed implements history.Store.
func (r History) AccountMailed(ctx context.Context, id reset.ID) (userID string, err error) {
	var found []string
	err = r.db.List(ctx, &found, `SELECT coalesce(user_id, '') FROM reset_deliveries WHERE id = $1`, id)
	if len(found) > 0 {
		userID = found[0]
	}
	return userID, err
}

// resetsOf returns the conditions that select the resets of a person, each of which
// has an index. Of an address, the requests that found no account are looked for among
// the newest: a busy address has too many others to read them all.
func resetsOf(p history.Person, in history.Span) (all []*sqldb.Conditions) {
	add := func(condition, value string) {
		c := between("created_at", in)
		c.Add(condition, value)
		all = append(all, c)
	}
	add(`user_id = ?`, p.UserID)
	for _, email := range p.Emails {
		add(`email = ?`, email)
		c := all[len(all)-1]
		c.Parts = []string{`id IN (SELECT id FROM (
			SELECT id, user_id FROM password_resets` + c.Where() + ` ORDER BY created_at DESC LIMIT ` + c.Bind(mostLives) + `) AS newest WHERE user_id IS NULL)`}
	}
	return all
}

func between(column string, in history.Span) *sqldb.Conditions {
	c := &sqldb.Conditions{}
	if !in.Since.IsZero() {
		c.Add(column+` >= ?`, in.Since)
	}
	if !in.Until.IsZero() {
		c.Add(column+` < ?`, in.Until)
	}
	return c
}

// Marks implements history.Store.
func (r History) Marks(ctx context.Context, p history.Person, from history.Sources, until time.Time, n int) (marks []time.Time, err error) {
	before := history.Span{Until: until}
	read := func(query, order string, c *sqldb.Conditions) {
		var rows []sqldb.Instant
		if err == nil {
			err = r.db.List(ctx, &rows, query+c.Where()+order+` LIMIT `+c.Bind(n), c.Args...)
		}
		for _, at := range rows {
			marks = append(marks, at.Time)
		}
	}
	if from.Resets {
		for _, c := range resetsOf(p, before) {
			read(`SELECT created_at FROM password_resets`, ` ORDER BY created_at DESC`, c)
		}
	}
	if from.Events {
		read(`SELECT at FROM reset_events`, ` ORDER BY id DESC`, eventsOf(p, from, before))
	}
	if from.Mails {
		read(`SELECT created_at FROM reset_deliveries`, ` ORDER BY created_at DESC`, mailsOf(p, before))
	}
	slices.SortFunc(marks, func(a, b time.Time) int { return b.Compare(a) })
	return marks[:min(n, len(marks))], err
}

func eventsOf(p history.Person, from history.Sources, in history.Span) *sqldb.Conditions {
	c := between("at", in)
	c.Add(`user_id = ?`, p.UserID)
	if from.Kinds != nil {
		c.Parts = append(c.Parts, `kind IN (`+sqldb.BindAll(c, from.Kinds)+`)`)
	}
	return c
}

func mailsOf(p history.Person, in history.Span) *sqldb.Conditions {
	c := between("created_at", in)
	c.Add(`reset_id IS NULL AND user_id = ?`, p.UserID)
	return c
}

// LastSignIn implements history.Store.
func (r History) LastSignIn(ctx context.Context, userID string) (time.Time, error) {
	var at []sqldb.Instant
	err := r.db.List(ctx, &at, `SELECT at FROM reset_events WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, userID, reset.EventSignedIn)
	if err != nil || len(at) == 0 {
		return time.Time{}, err
	}
	return at[0].Time, nil
}

// CountAsked implements history.Store.
func (r History) CountAsked(ctx context.Context, p history.Person, since time.Time, most int) (n int, err error) {
	for _, c := range resetsOf(p, history.Span{Since: since}) {
		c.Add(`requested_by = ?`, reset.RequestedByUser)
		part := 0
		if err := r.db.Get(ctx, &part, `SELECT count(*) FROM (SELECT 1 FROM password_resets`+c.Where()+` LIMIT `+c.Bind(most)+`) AS asked`, c.Args...); err != nil {
			return 0, err
		}
		n += part
	}
	return min(n, most), nil
}
