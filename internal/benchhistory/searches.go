package main

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// search is one kind of question, with values to ask it for in turn.
type search struct {
	name    string
	filters []history.Filter
}

// catalogue is every kind, as it is collected.
type catalogue struct {
	db  *sql.DB
	now time.Time // of the newest row
	all []search
}

// searches lists every kind of question there is.
func searches(ctx context.Context, db *sql.DB, now time.Time) ([]search, error) {
	c := catalogue{db: db, now: now}
	c.times()
	for _, kind := range []func(context.Context) error{c.accounts, c.ids, c.addresses, c.networks, c.parts} {
		if err := kind(ctx); err != nil {
			return nil, err
		}
	}
	return c.all, nil
}

func (c *catalogue) add(name string, f history.Filter) search {
	c.all = append(c.all, search{name, []history.Filter{f}})
	return c.all[len(c.all)-1]
}

// with adds a search again, with a restriction.
func (c *catalogue) with(s search, name string, restrict func(*history.Filter)) {
	out := search{name: s.name + ", " + name}
	for _, f := range s.filters {
		restrict(&f)
		out.filters = append(out.filters, f)
	}
	c.all = append(c.all, out)
}

// sample is what a row has that is searched for.
type sample struct{ id, user, address, ip string }

// anyOf adds a search for what a hundred rows have, wherever they are.
func (c *catalogue) anyOf(ctx context.Context, name string, filter func(sample) history.Filter) error {
	rows, err := c.db.QueryContext(ctx, `
		SELECT id, user_id, email, host(created_by_ip) FROM password_resets TABLESAMPLE SYSTEM (1) WHERE user_id IS NOT NULL ORDER BY random() LIMIT 100`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	s := search{name: name}
	for rows.Next() {
		var of sample
		if err := rows.Scan(&of.id, &of.user, &of.address, &of.ip); err != nil {
			return err
		}
		s.filters = append(s.filters, filter(of))
	}
	c.all = append(c.all, s)
	return rows.Err()
}

func status(of reset.Status) func(*history.Filter) {
	return func(f *history.Filter) { f.Status = of }
}

func noPassword(f *history.Filter) { f.Withheld = reset.WithheldNoPassword }

// days restricts to some, counted back from the newest row.
func (c *catalogue) days(since, until int) func(*history.Filter) {
	return func(f *history.Filter) { f.Since, f.Until = c.now.AddDate(0, 0, -since), c.now.AddDate(0, 0, -until) }
}

func (c *catalogue) times() {
	everything := c.add("everything", history.Filter{})
	for _, st := range append(reset.Statuses, history.MailFailed) {
		c.add(string(st), history.Filter{Status: st})
	}
	for _, w := range []reset.Withheld{reset.WithheldNoAccount, reset.WithheldNoPassword} {
		c.add("withheld: "+string(w), history.Filter{Withheld: w})
	}
	c.with(everything, "a day in spring", c.days(201, 200))
	burst := c.now.AddDate(0, 0, -300)
	c.add("the hour of the old burst, used", history.Filter{Status: reset.StatusUsed, Since: burst, Until: burst.Add(time.Hour)})
}

// busiest is the account that most resets are of, as the generator names it.
const busiest = "e4774cdda0793f86414e8b9140bb6db4" // md5 of "u1"

func (c *catalogue) accounts(ctx context.Context) error {
	account := c.add("account, busiest", history.Filter{UserID: busiest})
	c.with(account, "revoked", status(reset.StatusRevoked))
	return c.anyOf(ctx, "account, any", func(of sample) history.Filter { return history.Filter{UserID: of.user} })
}

func (c *catalogue) ids(ctx context.Context) error {
	return errors.Join(
		c.anyOf(ctx, "reset id", func(of sample) history.Filter { return history.Filter{ID: uuid.MustParse(of.id)} }),
		c.anyOf(ctx, "eight digits of an id", func(of sample) history.Filter { return history.Filter{IDPrefix: of.id[:8]} }))
}

func (c *catalogue) addresses(ctx context.Context) error {
	var address string
	if err := c.db.QueryRowContext(ctx, `SELECT email FROM password_resets WHERE user_id = $1 LIMIT 1`, busiest).Scan(&address); err != nil {
		return err
	}
	busy := c.add("address, busiest", history.Filter{Email: address})
	for _, st := range []reset.Status{reset.StatusUsed, reset.StatusRevoked, reset.StatusExpired, reset.StatusPending, history.MailFailed} {
		c.with(busy, string(st), status(st))
	}
	c.with(busy, "no_password", noPassword)
	c.with(busy, "a week in spring", c.days(207, 200))
	c.add("address, unknown", history.Filter{Email: "zacharias@nowhere.test"})
	return c.anyOf(ctx, "address, any", func(of sample) history.Filter { return history.Filter{Email: of.address} })
}

func (c *catalogue) parts(ctx context.Context) error {
	for _, part := range []string{
		"smith", "anna.s", "nna.smit", "corp.test", "nobody", "raided.test", "victim", "kovacs7", "kovacs77", "anna.ivanov1", "zzzz", "example.org",
		"li", "q", "zz", "@", "a",
	} {
		c.add("part, "+part, history.Filter{Part: part})
	}
	anna := c.add("part, anna", history.Filter{Part: "anna"})
	c.with(anna, "revoked", status(reset.StatusRevoked))
	c.with(anna, "no_password", noPassword)
	c.with(anna, "a week in spring", c.days(207, 200))
	local := func(of sample) string { return of.address[:strings.LastIndex(of.address, "@")] }
	return errors.Join(
		c.anyOf(ctx, "part, whole local parts", func(of sample) history.Filter { return history.Filter{Part: local(of)} }),
		c.anyOf(ctx, "part, their last letters", func(of sample) history.Filter {
			return history.Filter{Part: local(of)[max(0, len(local(of))-6):]}
		}))
}
