package store_test

import (
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
		"0.0.0.0/0", "128.0.0.0/1", "0.0.0.0/8", "8.0.0.0/5", "100.64.0.0/10", "255.255.255.255/32", "198.51.100.0/24", "::ffff:203.0.113.0/120",
		"2001:db8::1/128", "2001:db8::/32", "2001:db8::/33", "2001:db8::/48", "2001:db8::/64", "2001:db8:0:1::/64", "2001:d80::/25", "2000::/3", "::/0", "::/1", "::/127", "fe80::/10", "2001:d::/32",
	}
	someParts = []string{
		"anna", "nna", "hanna", "smith@ex", "@example.org", "example", "a_b", "_", "%", "0%", `\`, `k\s`, "ürg", "ü", "иван", "li", "a", "'", "@", "nobody-has-this", "xn--bch", "org",
		"anna.", "exam", "le.org", "hannaxb@exa", `ck\slash@`, "a'quote", "0%@exa", "ürgen@xn", ":*", "anna & @", "!anna",
	}
)

// record is the rows of a test as Go has them.
type record struct {
	rows     []history.Row
	refusing map[reset.ID]string // mail servers
	sent     map[reset.ID]bool   // a mail server took the link
	now      time.Time
}

// is says what a search means, in as few words as there are.
func (o record) is(f history.Filter, r history.Row) bool {
	in := func(a netip.Addr) bool { return a.IsValid() && f.Network.Contains(a) }
	status := f.Status == "" || f.Status == r.Status(o.now) || f.Status == history.MailFailed && !r.MailFailedAt.IsZero()
	return status &&
		(f.Withheld == "" || r.Status(o.now) == reset.StatusWithheld && r.Withheld == f.Withheld) &&
		(f.Email == "" || r.Email == f.Email) && (f.Part == "" || strings.Contains(r.Email, f.Part)) &&
		(f.UserID == "" || r.UserID == f.UserID) && (f.ID == reset.ID{} || r.ID == f.ID) && strings.HasPrefix(r.ID.String(), f.IDPrefix) &&
		(!f.Network.IsValid() || in(r.CreatedByIP) || in(r.UsedByIP)) &&
		!r.CreatedAt.Before(f.Since) && (f.Until.IsZero() || r.CreatedAt.Before(f.Until))
}

func (o record) search(f history.Filter) (found []history.Row) {
	if a := f.Network.Addr(); a.Is4In6() {
		f.Network = netip.PrefixFrom(a.Unmap(), f.Network.Bits()-96)
	}
	for _, r := range o.rows {
		if o.is(f, r) {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b history.Row) int {
		if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(b.ID.String(), a.ID.String())
	})
	return found
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// fill writes resets of sixty days, many of the same moment, in every state.
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
	if err != nil {
		t.Fatal(err)
	}
}

func (o *record) add(t *testing.T, tx reset.Tx, r *rand.Rand) error {
	age := time.Duration(r.IntN(60*24)) * time.Hour
	if r.IntN(3) == 0 {
		age = time.Duration(r.IntN(150)) * time.Minute
	}
	row := history.Row{Reset: testkit.Reset(o.now.Add(-age), pick(r, someUsers))}
	row.Email, row.CreatedByIP = pick(r, someAddresses), mustIP(pick(r, someIPs))
	if r.IntN(4) == 0 {
		row.ExpiresAt = row.CreatedAt.Add(24 * time.Hour)
	}
	if r.IntN(4) == 0 || row.UserID == "" {
		row.Withheld = pick(r, []reset.Withheld{reset.WithheldNoAccount, reset.WithheldInactive, reset.WithheldThrottled, reset.WithheldNoPassword})
	}
	d := testkit.Delivery(row.CreatedAt, row.Reset)
	if err := tx.Insert(t.Context(), row.Reset, d); err != nil {
		return err
	}
	if err := o.live(t, tx, r, &row, d); err != nil {
		return err
	}
	o.rows = append(o.rows, row)
	return nil
}

func (o *record) live(t *testing.T, tx reset.Tx, r *rand.Rand, row *history.Row, d reset.Delivery) (err error) {
	soon := row.CreatedAt.Add(time.Duration(r.IntN(59)) * time.Minute)
	d.NextAttemptAt, d.Attempts = time.Time{}, 0
	switch r.IntN(4) {
	case 0:
		row.MailFailedAt, d.FailedAt = soon, soon
		d.LastServer = pick(r, []string{"mx.example.com:25", "192.0.2.25:587"})
		o.refusing[row.ID] = d.LastServer
		err = tx.Settle(t.Context(), d)
	case 1, 2:
		o.sent[row.ID], d.SentAt = true, soon
		err = tx.Settle(t.Context(), d)
	}
	if err != nil || row.Withheld != "" {
		return err
	}
	if r.IntN(2) == 0 {
		row.OpenedAt, row.OpenedByIP = soon, mustIP(pick(r, someIPs))
		err = tx.Opened(t.Context(), row.ID, soon, reset.Client{IP: row.OpenedByIP})
	}
	switch fate := r.IntN(4); {
	case err == nil && fate == 0:
		row.UsedAt, row.UsedByIP = soon, mustIP(pick(r, someIPs))
		_, err = tx.Use(t.Context(), row.ID, soon, reset.Client{IP: row.UsedByIP})
	case err == nil && fate == 1:
		row.RevokedAt, row.RevokedBy = soon, reset.RevokedSuperseded
		err = tx.Revoke(t.Context(), row.ID, soon, reset.RevokedSuperseded)
	}
	return err
}

// keys are one search of each kind, and none.
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

// restrictions are the filters that go with any key.
func restrictions() (all []history.Filter) {
	for _, status := range append([]reset.Status{"", history.MailFailed}, reset.Statuses...) {
		all = append(all, history.Filter{Status: status})
	}
	return append(all, history.Filter{Withheld: reset.WithheldThrottled}, history.Filter{Status: reset.StatusWithheld, Withheld: reset.WithheldNoAccount},
		history.Filter{Status: reset.StatusUsed, Withheld: reset.WithheldNoAccount})
}

func TestEverySearchFindsWhatALookAtEachRowFinds(t *testing.T) {
	store.NarrowSearches(t)
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		r := rand.New(rand.NewPCG(1, 2))
		o := record{now: testkit.NewClock().Now(), refusing: map[reset.ID]string{}, sent: map[reset.ID]bool{}}
		s := db.Open(t)
		o.fill(t, s, r, 400)
		db.SQL(t, `ANALYZE`) // how many rows there are decides how a part is looked for
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

// compare asks for every page of a search, for its count, and for all at once.
func (o record) compare(t *testing.T, s *store.Store, name string, f history.Filter, n int) {
	t.Helper()
	want := o.search(f)
	about := fmt.Sprintf("%s, status %q, withheld %q, since %s, until %s, %d a page", name, f.Status, f.Withheld, store.Format(f.Since), store.Format(f.Until), n)
	var got []history.Row
	var after history.Position
	for {
		page, err := s.Page(t.Context(), f, o.now, after, n)
		if err != nil {
			t.Fatalf("%s: %v", about, err)
		}
		got = append(got, page...)
		if len(page) < n {
			break
		}
		after = page[n-1].Position()
	}
	same(t, about, got, want)
	if count, err := s.Count(t.Context(), f, o.now, n); err != nil || count != min(len(want), n+1) {
		t.Errorf("%s: count %d (%v), want %d", about, count, err, min(len(want), n+1))
	}
	var each []history.Row
	if err := s.Each(t.Context(), f, o.now, func(r history.Row) error { each = append(each, r); return nil }); err != nil {
		t.Fatalf("%s: %v", about, err)
	}
	same(t, about+", each", each, want)
}

func same(t *testing.T, about string, got, want []history.Row) {
	t.Helper()
	name := func(rows []history.Row) string {
		var names []string
		for _, r := range rows {
			names = append(names, r.ID.String()[:8]+store.Format(r.MailFailedAt))
		}
		return strings.Join(names, " ")
	}
	if name(got) != name(want) {
		t.Errorf("%s:\ngot  %s\nwant %s", about, name(got), name(want))
	}
}
