package main

import (
	"context"
	"database/sql"
	"net/netip"
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

func one(name string, f history.Filter) search { return search{name, []history.Filter{f}} }

// each makes a filter of every value that a query finds.
func each(ctx context.Context, db *sql.DB, name, query string, filter func(value string) history.Filter) (search, error) {
	s := search{name: name}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return s, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return s, err
		}
		s.filters = append(s.filters, filter(value))
	}
	return s, rows.Err()
}

// with adds a restriction.
func with(s search, name string, add func(*history.Filter)) search {
	out := search{name: s.name + ", " + name}
	for _, f := range s.filters {
		add(&f)
		out.filters = append(out.filters, f)
	}
	return out
}

func status(of reset.Status) func(*history.Filter) {
	return func(f *history.Filter) { f.Status = of }
}

func network(text string) history.Filter {
	return history.Filter{Network: netip.MustParsePrefix(text)}
}

// a hundred of the table's rows, wherever they are.
const anywhere = ` FROM password_resets TABLESAMPLE SYSTEM (1) WHERE user_id IS NOT NULL ORDER BY random() LIMIT 100`

func searches(ctx context.Context, db *sql.DB, now time.Time) (all []search, err error) {
	sampled := func(name, query string, filter func(string) history.Filter) search {
		s, failed := each(ctx, db, name, query, filter)
		if failed != nil {
			err = failed
		}
		all = append(all, s)
		return s
	}
	add := func(s search) search { all = append(all, s); return s }

	add(one("everything", history.Filter{}))
	for _, st := range append(reset.Statuses, history.MailFailed) {
		add(one(string(st), history.Filter{Status: st}))
	}
	for _, w := range []reset.Withheld{reset.WithheldNoAccount, reset.WithheldNoPassword} {
		add(one("withheld: "+string(w), history.Filter{Withheld: w}))
	}

	const busiest = ` FROM password_resets WHERE user_id = md5('u1') LIMIT 1`
	busy := sampled("address, busiest", `SELECT email`+busiest, func(v string) history.Filter { return history.Filter{Email: v} })
	sampled("address, any", `SELECT email`+anywhere, func(v string) history.Filter { return history.Filter{Email: v} })
	add(one("address, unknown", history.Filter{Email: "zacharias@nowhere.test"}))
	for _, st := range []reset.Status{reset.StatusUsed, reset.StatusRevoked, reset.StatusExpired, reset.StatusPending, history.MailFailed} {
		add(with(busy, string(st), status(st)))
	}
	add(with(busy, "no_password", func(f *history.Filter) { f.Withheld = reset.WithheldNoPassword }))
	add(with(busy, "a week in spring", func(f *history.Filter) {
		f.Since, f.Until = now.AddDate(0, 0, -207), now.AddDate(0, 0, -200)
	}))
	account := add(one("account, busiest", history.Filter{UserID: "7b774effe4a349c6dd82ad4f4f21d34c"}))
	sampled("account, any", `SELECT user_id`+anywhere, func(v string) history.Filter { return history.Filter{UserID: v} })
	add(with(account, "revoked", status(reset.StatusRevoked)))

	sampled("reset id", `SELECT id`+anywhere, func(v string) history.Filter { return history.Filter{ID: uuid.MustParse(v)} })
	sampled("eight digits of an id", `SELECT id`+anywhere, func(v string) history.Filter { return history.Filter{IDPrefix: v[:8]} })

	address := func(v string) history.Filter {
		a := netip.MustParseAddr(v)
		return history.Filter{Network: netip.PrefixFrom(a, a.BitLen())}
	}
	block := func(v4, v6 int) func(v string) history.Filter {
		return func(v string) history.Filter {
			a := netip.MustParseAddr(v)
			bits := v4
			if a.Is6() {
				bits = v6
			}
			p, _ := a.Prefix(bits)
			return history.Filter{Network: p}
		}
	}
	busyIP := add(one("IP address, busy", address("203.0.113.7")))
	sampled("IP address, any", `SELECT host(created_by_ip)`+anywhere, address)
	add(one("IP address, of the old burst", address("198.51.100.7")))
	add(one("IP address, unknown", address("233.1.2.3")))
	add(with(busyIP, "used", status(reset.StatusUsed)))
	busyNet := add(one("network, busy /24", network("203.0.113.0/24")))
	add(one("network, busy /10", network("100.64.0.0/10")))
	burst := add(one("network, old burst /24", network("198.51.100.0/24")))
	add(with(burst, "a month around it", func(f *history.Filter) {
		f.Since, f.Until = now.AddDate(0, 0, -315), now.AddDate(0, 0, -285)
	}))
	add(with(burst, "used", status(reset.StatusUsed)))
	sampled("network, any /24 or /64", `SELECT host(created_by_ip)`+anywhere, block(24, 64))
	sampled("network, any /20 or /48", `SELECT host(created_by_ip)`+anywhere, block(20, 48))
	sampled("network, any /16 or /40", `SELECT host(created_by_ip)`+anywhere, block(16, 40))
	sampled("network, any /8 or /32", `SELECT host(created_by_ip)`+anywhere, block(8, 32))
	add(one("network, where some used", network("151.7.0.0/16")))
	add(one("network, unknown /8", network("240.0.0.0/8")))
	add(one("network, all of IPv4", network("0.0.0.0/0")))
	add(one("network, all of IPv6", network("::/0")))
	for _, st := range []reset.Status{reset.StatusUsed, reset.StatusRevoked, reset.StatusPending, history.MailFailed} {
		add(with(busyNet, string(st), status(st)))
	}
	add(with(busyNet, "no_password", func(f *history.Filter) { f.Withheld = reset.WithheldNoPassword }))

	for _, part := range []string{
		"anna", "smith", "anna.s", "nna.smit", "corp.test", "nobody", "raided.test", "victim", "kovacs7", "kovacs77", "anna.ivanov1", "zzzz", "example.org",
		"li", "q", "zz", "@", "a",
	} {
		add(one("part, "+part, history.Filter{Part: part}))
	}
	sampled("part, whole local parts", `SELECT split_part(email, '@', 1)`+anywhere, func(v string) history.Filter { return history.Filter{Part: v} })
	sampled("part, their last letters", `SELECT right(split_part(email, '@', 1), 6)`+anywhere, func(v string) history.Filter { return history.Filter{Part: v} })
	anna := one("part, anna", history.Filter{Part: "anna"})
	add(with(anna, "revoked", status(reset.StatusRevoked)))
	add(with(anna, "no_password", func(f *history.Filter) { f.Withheld = reset.WithheldNoPassword }))
	add(with(anna, "a week in spring", func(f *history.Filter) {
		f.Since, f.Until = now.AddDate(0, 0, -207), now.AddDate(0, 0, -200)
	}))

	add(one("a day in spring", history.Filter{Since: now.AddDate(0, 0, -201), Until: now.AddDate(0, 0, -200)}))
	add(one("the hour of the old burst, used", history.Filter{Status: reset.StatusUsed, Since: now.AddDate(0, 0, -300), Until: now.AddDate(0, 0, -300).Add(time.Hour)}))
	return all, err
}
