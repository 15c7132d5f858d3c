package search_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

var (
	someAddresses = []string{
		"anna.smith@example.org", "anna@example.org", "hanna_b@sub.example.org", "hannaxb@example.com", `back\slash@example.org`,
		"100%@example.org", "100x@example.org", "jürgen@xn--bcher-kva.example", "иван@example.org", "li@example.org", "a'quote@example.org",
	}
	someUsers = []string{"", "1", "2", "3", "a'user", "%"}
	someIPs   = []string{
		"203.0.113.9", "203.0.113.10", "203.0.11.9", "203.1.113.9", "20.3.0.1", "10.0.0.0", "10.0.0.255", "10.0.1.0", "0.0.0.0", "255.255.255.255", "100.64.3.2",
		"2001:db8::1", "2001:db8::", "2001:db8:0:1::5", "2001:db8:1:0:1::", "2001:db8:ffff:ffff::9", "2001:db80::1", "::1", "::", "fe80::1", "2001:d:0:0:1::",
	}
	someNetworks = []string{
		"203.0.113.9/32", "203.0.113.0/24", "203.0.112.0/23", "203.0.0.0/16", "203.0.0.0/15", "203.0.113.8/31", "203.0.113.8/30", "10.0.0.0/23", "10.0.0.0/24", "20.0.0.0/8",
		"0.0.0.0/0", "128.0.0.0/1", "0.0.0.0/8", "8.0.0.0/5", "100.64.0.0/10", "255.255.255.255/32", "198.51.100.0/24",
		"2001:db8::1/128", "2001:db8::/32", "2001:db8::/33", "2001:db8::/48", "2001:db8::/64", "2001:db8:0:1::/64", "2001:d80::/25", "2000::/3", "::/0", "::/1", "::/127", "fe80::/10", "2001:d::/32",
	}
	someParts = []string{
		"anna", "nna", "hanna", "smith@ex", "@example.org", "example", "a_b", "_", "%", "0%", `\`, `k\s`, "ürg", "ü", "иван", "li", "a", "'", "@", "nobody-has-this", "xn--bch", "org",
		"anna.", "exam", "le.org", "hannaxb@exa", `ck\slash@`, "a'quote", "0%@exa", "ürgen@xn", ":*", "anna & @", "!anna",
	}
)

// record is the rows of a test in memory.
type record struct {
	rows     []reset.Reset
	refusing map[reset.ID]refusal
	now      time.Time
}

// refusal is a failed email, with its mail server and time.
type refusal struct {
	server string
	at     time.Time
}

// is reports whether a reset matches a filter. It is as simple as possible, because
// the tests compare the database with it.
func (o record) is(f history.Filter, r reset.Reset) bool {
	in := func(a netip.Addr) bool { return a.IsValid() && f.Network.Contains(a) }
	status := f.Status == "" || f.Status == r.Status(o.now) || f.Status == history.MailFailed && r.Mail == reset.MailFailed
	return status &&
		(f.Withheld == "" || r.Status(o.now) == reset.StatusWithheld && r.Withheld == f.Withheld) &&
		(f.Email == "" || r.Email == f.Email) && (f.Part == "" || strings.Contains(r.Email, f.Part)) &&
		(f.UserID == "" || r.UserID == f.UserID) && (f.ID == reset.ID{} || r.ID == f.ID) && strings.HasPrefix(r.ID.String(), f.IDPrefix) &&
		(!f.Network.IsValid() || in(r.CreatedByIP) || in(r.UsedByIP)) &&
		!r.CreatedAt.Before(f.Since) && (f.Until.IsZero() || r.CreatedAt.Before(f.Until))
}

func (o record) search(f history.Filter) (found []reset.Reset) {
	for _, r := range o.rows {
		if o.is(f, r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b reset.Reset) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(b.ID.String(), a.ID.String())
	})
	return found
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// fill inserts resets of sixty days in every state, many with the same time.
func (o *record) fill(t *testing.T, s *store.Store, r *rand.Rand, n int) {
	t.Helper()
	err := s.InTx(t.Context(), func(tx reset.Tx) error {
		for range n {
			if err := o.add(t, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
}

func (o *record) add(t *testing.T, tx reset.Tx, r *rand.Rand) error {
	age := time.Duration(r.IntN(60*24)) * time.Hour
	if r.IntN(3) == 0 {
		age = time.Duration(r.IntN(150)) * time.Minute
	}
	row := testkit.Reset(o.now.Add(-age), pick(r, someUsers), func(row *reset.Reset) {
		row.Email, row.CreatedByIP = pick(r, someAddresses), mustIP(pick(r, someIPs))
		if r.IntN(4) == 0 {
			row.ExpiresAt = row.CreatedAt.Add(24 * time.Hour)
		}
		if r.IntN(4) == 0 || row.UserID == "" {
			row.Withheld = pick(r, history.Reasons)
		} else if r.IntN(8) == 0 {
			row.AccountState, row.Mail, row.UserID = "", "", "" // received
		}
	})
	d := testkit.Delivery(row.CreatedAt, row)
	if err := tx.Insert(t.Context(), row, d); err != nil {
		return err
	}
	if row.AccountState != "" {
		if err := o.live(t, tx, r, &row, d); err != nil {
			return err
		}
	}
	o.rows = append(o.rows, row)
	return nil
}

// live settles the email of a link, and opens, uses or revokes it.
func (o *record) live(t *testing.T, tx reset.Tx, r *rand.Rand, row *reset.Reset, d reset.Delivery) (err error) {
	soon := row.CreatedAt.Add(time.Duration(r.IntN(59))*time.Minute + pick(r, []time.Duration{0, time.Microsecond, 59*time.Second + 999700*time.Microsecond}))
	d.NextAttemptAt, d.Attempts = time.Time{}, 0
	switch r.IntN(4) {
	case 0:
		row.Mail, d.FailedAt = reset.MailFailed, soon
		d.LastServer = pick(r, []string{"mx.example.com:25", "192.0.2.25:587"})
		o.refusing[row.ID] = refusal{d.LastServer, soon}
		err = tx.Settle(t.Context(), reset.Attempt{Delivery: d})
	case 1, 2:
		row.Mail, d.SentAt = reset.MailAccepted, soon
		err = tx.Settle(t.Context(), reset.Attempt{Delivery: d})
	}
	if err == nil && r.IntN(2) == 0 {
		row.OpenedAt, row.OpenedByIP = soon, mustIP(pick(r, someIPs))
		err = tx.Opened(t.Context(), row.ID, soon, reset.Client{IP: row.OpenedByIP})
	}
	switch fate := r.IntN(4); {
	case err == nil && fate == 0:
		row.UsedAt, row.UsedByIP = soon, mustIP(pick(r, someIPs))
		_, err = tx.Use(t.Context(), row.ID, soon, reset.Client{IP: row.UsedByIP})
	case err == nil && fate == 1:
		row.RevokedAt, row.RevokedBy = soon, reset.RevokedOtherLink
		err = tx.Revoke(t.Context(), row.ID, soon, reset.RevokedOtherLink)
	}
	return err
}

// keys returns one filter for each kind of key, and an empty filter.
func (o record) keys(r *rand.Rand) map[string]history.Filter {
	known := pick(r, o.rows).ID
	keys := map[string]history.Filter{
		"": {}, "id": {ID: known}, "no such id": {ID: uuid.New()}, "digits": {IDPrefix: known.String()[:8]},
		"no such digits": {IDPrefix: "00000000"}, "no digits": {IDPrefix: "zz%00000"}, "two keys": {Email: someAddresses[0], Network: netip.MustParsePrefix("0.0.0.0/1")},
	}
	for _, a := range append(someAddresses, "%", "nobody@example.org") {
		keys["address "+a] = history.Filter{Email: a}
	}
	for _, u := range append(someUsers[1:], "nobody") {
		keys["account "+u] = history.Filter{UserID: u}
	}
	for _, p := range someParts {
		keys["part "+p] = history.Filter{Part: p}
	}
	for _, n := range someNetworks {
		keys["network "+n] = history.Filter{Network: netip.MustParsePrefix(n)}
	}
	return keys
}

// restrictions returns the filters to combine with any key.
func restrictions() (all []history.Filter) {
	for _, status := range append([]reset.Status{"", history.MailFailed}, reset.Statuses...) {
		all = append(all, history.Filter{Status: status})
	}
	return append(all, history.Filter{Withheld: reset.WithheldThrottled}, history.Filter{Status: reset.StatusWithheld, Withheld: reset.WithheldNoAccount},
		history.Filter{Status: reset.StatusUsed, Withheld: reset.WithheldNoAccount})
}

func TestSearchMatchesTheRows(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		r := rand.New(rand.NewPCG(1, 2))
		o := record{now: testkit.NewClock().Now(), refusing: map[reset.ID]refusal{}}
		s := db.Open(t)
		o.fill(t, s, r, 400)
		for name, key := range o.keys(r) {
			for _, f := range restrictions() {
				f.Email, f.Part, f.UserID, f.ID, f.IDPrefix, f.Network = key.Email, key.Part, key.UserID, key.ID, key.IDPrefix, key.Network
				switch r.IntN(4) {
				case 0:
					f.Since = o.now.Add(-time.Duration(r.IntN(40*24)) * time.Hour)
				case 1:
					f.Until = o.now.Add(-time.Duration(r.IntN(10*24)) * time.Hour)
				case 2:
					f.Since = pick(r, o.rows).CreatedAt
					f.Until = f.Since.Add(time.Duration(r.IntN(20*24)) * time.Hour)
				}
				o.compare(t, s, name, f, 10+r.IntN(40))
			}
		}
	})
}

// compare checks every page of a search, its count, and all its matches at once.
func (o record) compare(t *testing.T, s *store.Store, name string, f history.Filter, n int) {
	t.Helper()
	want := o.search(f)
	about := fmt.Sprintf("%s, status %q, withheld %q, since %s, until %s, %d a page", name, f.Status, f.Withheld, sqldb.Format(f.Since), sqldb.Format(f.Until), n)
	q := history.Search{Filter: f, Now: o.now, Rows: n, Count: n + 1}
	same(t, about, pages(t, s, q), want)
	if first := page(t, s, q); first.Count != min(len(want), n+1) {
		t.Errorf("%s: count %d, want %d", about, first.Count, min(len(want), n+1))
	}
	emails := map[string]bool{}
	for _, r := range want {
		emails[r.Email] = true
	}
	if resets, addresses, err := s.Count(t.Context(), q); err != nil || resets != len(want) || addresses != len(emails) {
		t.Errorf("%s: counted %d of %d addresses, %v; want %d of %d", about, resets, addresses, err, len(want), len(emails))
	}
	var each []reset.Reset
	if err := s.Each(t.Context(), q, func(r reset.Reset) error { each = append(each, r); return nil }); err != nil {
		t.Fatalf("%s: %v", about, err)
	}
	same(t, about+", each", each, want)
}

func page(t *testing.T, s *store.Store, q history.Search) history.Page {
	t.Helper()
	found, err := s.Page(t.Context(), q)
	must(t, err)
	return found
}

// pages follows a search to its end.
func pages(t *testing.T, s *store.Store, q history.Search) (all []reset.Reset) {
	t.Helper()
	for {
		found := page(t, s, q)
		all = append(all, found.Resets...)
		if found.Count <= len(found.Resets) {
			return all
		}
		q.From.After = history.PositionOf(all[len(all)-1])
	}
}

func same(t *testing.T, about string, got, want []reset.Reset) {
	t.Helper()
	name := func(rows []reset.Reset) string {
		var names []string
		for _, r := range rows {
			names = append(names, r.ID.String()[:8]+string(r.Mail))
		}
		return strings.Join(names, " ")
	}
	if name(got) != name(want) {
		t.Errorf("%s:\ngot  %s\nwant %s", about, name(got), name(want))
	}
}

// Pages must not change while newer resets arrive and time passes.
func TestSearchGoesBackNinetyDaysAndContinues(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		var newer, older []reset.Reset
		for _, days := range []int{0, 40, 89, 91, 200, 399} {
			r := testkit.Reset(now.AddDate(0, 0, -days), "7")
			must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
			if days < history.Days {
				newer = append(newer, r)
			} else {
				older = append(older, r)
			}
		}
		all := append(newer[:3:3], older...)
		q := func(f history.Filter) history.Search {
			return history.Search{Filter: f, Now: now, From: history.Start(f, now), Rows: 10, Count: 11}
		}
		part := q(history.Filter{Part: "user@"})
		first := page(t, s, part)
		same(t, "a part", first.Resets, newer)
		if !first.Older || first.Stopped {
			t.Errorf("got %+v, want Older", first)
		}
		part.From = history.Cursor{After: history.Position{CreatedAt: part.From.Since}}
		rest := page(t, s, part)
		same(t, "the part, further back", rest.Resets, older)
		if rest.Older {
			t.Error("after the oldest reset: got Older")
		}
		for name, f := range map[string]history.Filter{
			"an address": {Email: "user@example.org"}, "an account": {UserID: "7"}, "an IP address": {Network: netip.MustParsePrefix("203.0.113.9/32")},
			"a reset": {ID: older[2].ID}, "its digits": {IDPrefix: older[2].ID.String()[:8]},
		} {
			want := all
			if f.UserID+f.Email == "" && !f.Network.IsValid() {
				want = older[2:]
			}
			same(t, name, page(t, s, q(f)).Resets, want)
		}
		far := q(history.Filter{Part: "user@", Until: time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)})
		far.Time = history.MaxTime
		if found := page(t, s, far); found.Stopped {
			t.Error("until a day far ahead: the search stopped in the future")
		} else {
			same(t, "until a day far ahead", found.Resets, newer)
		}
		if page(t, s, q(history.Filter{Status: reset.StatusPending})).Older {
			t.Error("pending resets, which are at most a day old: got Older")
		}
		same(t, "until a day", page(t, s, q(history.Filter{Until: now.AddDate(0, 0, -150)})).Resets, older[1:2])
		same(t, "since a day", page(t, s, q(history.Filter{Since: now.AddDate(0, 0, -300)})).Resets, all[:5])
	})
}

func TestSlowSearchStopsAndReports(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		for _, days := range []int{1, 50} {
			r := testkit.Reset(now.AddDate(0, 0, -days), "7")
			must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
		}
		q := history.Search{Filter: history.Filter{Part: "user"}, Now: now, Rows: 10, Count: 11, Time: time.Nanosecond}
		if found := page(t, s, q); !found.Stopped || !found.Reached.IsZero() || len(found.Resets) > 0 {
			t.Errorf("got %+v, want a search that stopped without a result", found)
		}
		q.From = history.Cursor{After: history.Position{CreatedAt: now.AddDate(0, 0, -20)}}
		if found := page(t, s, q); !found.Stopped || !found.Reached.IsZero() {
			t.Errorf("after a row: got %+v, want a search that reports no progress", found)
		}
	})
}

func TestSlowCountStops(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		q := history.Search{Filter: history.Filter{Network: netip.MustParsePrefix("203.0.113.0/24")}, Time: time.Nanosecond}
		if _, _, err := db.Open(t).Count(t.Context(), q); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
