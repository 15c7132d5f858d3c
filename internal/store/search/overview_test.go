package search_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func TestHoursMatchTheRows(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		r := rand.New(rand.NewPCG(3, 4))
		o := record{now: testkit.NewClock().Now(), refusing: map[reset.ID]refusal{}}
		s := db.Open(t)
		o.fill(t, s, r, 300)
		sum := func() {
			t.Helper()
			must(t, s.SumHours(t.Context(), o.now.AddDate(0, 0, -60), o.now))
		}
		hours := func(since, until time.Time) []history.HourSums {
			t.Helper()
			got, err := s.Hours(t.Context(), since, until, o.now)
			must(t, err)
			return got
		}
		check := func(when string, since, until time.Time) {
			t.Helper()
			if diff := gocmp.Diff(o.hours(since, until), hours(since, until)); diff != "" {
				t.Errorf("%s, from %s to %s: (-want +got)\n%s", when, since, until, diff)
			}
		}
		hour := o.now.Truncate(time.Hour)
		check("not summed up yet", hour.Add(-20*time.Hour), hour.Add(time.Hour))
		sum()
		for _, days := range []int{1, 2, 7, 30, 90} {
			check("filled", hour.AddDate(0, 0, -days), hour.Add(time.Hour))
			check("filled", hour.AddDate(0, 0, -days), hour.AddDate(0, 0, -1).Add(3*time.Hour))
		}
		sum()
		check("summed up twice", hour.AddDate(0, 0, -90), hour.Add(time.Hour))
		want := hours(hour.AddDate(0, 0, -89), hour.Add(time.Hour))
		if _, err := s.Purge(t.Context(), o.now.AddDate(0, 0, -20), o.now.AddDate(0, 0, 1)); err != nil {
			t.Fatal(err)
		}
		sum()
		if diff := gocmp.Diff(want, hours(hour.AddDate(0, 0, -89), hour.Add(time.Hour))); diff != "" {
			t.Errorf("the sums changed when the resets were removed (-before +after)\n%s", diff)
		}
	})
}

// hours computes the sums of each hour from all rows.
func (o record) hours(since, until time.Time) (all []history.HourSums) {
	byHour := map[time.Time]history.Sums{}
	for _, r := range o.rows {
		if !r.CreatedAt.Before(since) && r.CreatedAt.Before(until) {
			hour := r.CreatedAt.UTC().Truncate(time.Hour)
			byHour[hour] = byHour[hour].Add(o.sums(r))
		}
	}
	for hour, sums := range byHour {
		all = append(all, history.HourSums{Hour: hour, Sums: sums})
	}
	slices.SortFunc(all, func(a, b history.HourSums) int { return a.Hour.Compare(b.Hour) })
	return all
}

// Networks are counted over all rows of the period, and emails by domain and server.
func TestListsCountNetworksAndDomains(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		err := s.InTx(t.Context(), func(tx reset.Tx) error {
			for i := range 5 {
				at := now.Add(-time.Hour - time.Duration(i)*time.Second)
				if err := failed(t, tx, at, fmt.Sprintf("203.0.113.%d", i), "new.example.org"); err != nil {
					return err
				}
			}
			unknown := testkit.Reset(now, "", func(r *reset.Reset) { r.Withheld, r.CreatedByIP = reset.WithheldNoAccount, mustIP("2001:db8:1:2::7") })
			d := testkit.Delivery(now, unknown)
			d.Recipient, d.NextAttemptAt = "", time.Time{}
			return errors.Join(tx.Insert(t.Context(), unknown, d), failed(t, tx, now.AddDate(0, 0, -8), "203.0.113.9", "old.example.org"))
		})
		must(t, err)
		waiting := testkit.Reset(now.Add(-2*time.Hour), "customer", func(r *reset.Reset) { r.Email = "user@Slow.example.org" })
		d := testkit.Delivery(waiting.CreatedAt, waiting)
		must(t, s.Insert(t.Context(), waiting, d))
		db.SQL(t, `UPDATE reset_deliveries SET attempts = 3, last_server = 'mx:25' WHERE id = '`+d.ID.String()+`'`)
		got, err := s.Lists(t.Context(), now.AddDate(0, 0, -7), now.Add(time.Hour))
		must(t, err)
		site := func(text string, requested, unknown int) history.BusySite {
			return history.BusySite{Prefix: netip.MustParsePrefix(text), Requested: requested, Unknown: unknown}
		}
		want := history.Lists{
			Networks: []history.BusySite{site("203.0.113.0/24", 6, 0), site("2001:db8:1::/48", 1, 1)},
			Unknown:  []history.BusySite{site("2001:db8:1::/48", 1, 1)},
			Domains:  []history.Domain{{Name: "new.example.org", Server: "mx.new.example.org", Refused: 5}, {Name: "slow.example.org", Server: "mx:25", Slow: 1}},
		}
		if diff := gocmp.Diff(want, got, gocmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// The searches behind the figures of the overview.
func TestStatusesOfTheOverview(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		for _, mail := range []reset.MailState{reset.MailWaiting, reset.MailAccepted, reset.MailUnknown, reset.MailFailed, reset.MailBounced} {
			r := testkit.Reset(now, "customer", func(r *reset.Reset) {
				if r.Mail = mail; mail == reset.MailBounced {
					r.OpenedAt, r.OpenedByIP = now, mustIP("203.0.113.7")
				}
			})
			must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
			if !r.OpenedAt.IsZero() {
				must(t, s.Opened(t.Context(), r.ID, now, testkit.Visitor))
			}
			if mail == reset.MailUnknown { // what used it looked like a scanner when it opened it
				must(t, s.InTx(t.Context(), func(tx reset.Tx) error { _, err := tx.Use(t.Context(), r.ID, now, testkit.Visitor); return err }))
			}
		}
		for status, want := range map[reset.Status]int{
			history.MailQueued: 1, history.MailSent: 4, history.MailReceived: 2, history.MailFailed: 1, history.MailReturned: 1, history.MailUnknown: 1, history.WasOpened: 2, history.NoEmail: 2, history.OpenedOnly: 1, history.StillOpen: 4, history.Failed: 0,
		} {
			if got := len(testkit.Resets(t, s, history.Filter{Status: status}, now)); got != want {
				t.Errorf("%s: found %d resets, want %d", status, got, want)
			}
		}
		for status, want := range map[reset.Status]int{history.StillOpen: 0, history.Failed: 4, reset.StatusExpired: 4} {
			if got := len(testkit.Resets(t, s, history.Filter{Status: status}, now.Add(2*time.Hour))); got != want {
				t.Errorf("later, %s: found %d resets, want %d", status, got, want)
			}
		}
	})
}

// Emails that needed several attempts, and links by the time until their use.
func TestSlowEmailsAndTimesUntilUseAreFound(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		add := func(kind reset.Kind, attempts string, settled string, used time.Duration) {
			r := testkit.Reset(now.Add(-2*time.Hour), "customer")
			d := testkit.Delivery(r.CreatedAt, r)
			d.Kind = kind
			must(t, s.Insert(t.Context(), r, d))
			if used > 0 {
				must(t, s.InTx(t.Context(), func(tx reset.Tx) error {
					_, err := tx.Use(t.Context(), r.ID, r.CreatedAt.Add(used), testkit.Visitor)
					return err
				}))
			}
			db.SQL(t, `UPDATE reset_deliveries SET attempts = `+attempts+settled+` WHERE reset_id = '`+r.ID.String()+`'`)
		}
		add(reset.KindResetLink, "1", "", 2*time.Minute)
		add(reset.KindResetLink, "2", "", 2*time.Minute+time.Second)
		add(reset.KindResetLink, "3", "", 0) // waits
		add(reset.KindResetLink, "4", ", failed_at = created_at, next_attempt_at = NULL", 0)
		add(reset.KindPasswordChanged, "2", "", 5*time.Minute)
		for status, want := range map[string]int{"mail_slow": 2, "used_within_1m": 0, "used_within_2m": 1, "used_within_3m": 1, "used_within_5m": 1, "used_within_1440m": 0} {
			var f history.Filter
			if !f.SetStatus(status) {
				t.Fatal("unknown:", status)
			}
			for _, f.Email = range []string{"", "user@example.org"} { // the newest, and of one address of all time
				if got := len(testkit.Resets(t, s, f, now)); got != want {
					t.Errorf("%s of %q: found %d resets, want %d", status, f.Email, got, want)
				}
			}
		}
		if f := (history.Filter{}); f.SetStatus("used_within_4m") {
			t.Error("a time between the sums is a status")
		}
	})
}

// failed inserts a reset whose email failed.
func failed(t *testing.T, tx reset.Tx, at time.Time, ip, domain string) error {
	t.Helper()
	r := testkit.Reset(at, "customer", func(r *reset.Reset) { r.Email, r.CreatedByIP = "user@"+domain, mustIP(ip) })
	d := testkit.Delivery(at, r)
	if err := tx.Insert(t.Context(), r, d); err != nil {
		return err
	}
	d.FailedAt, d.NextAttemptAt, d.LastServer = at, time.Time{}, "mx."+domain
	return tx.Settle(t.Context(), reset.Attempt{Delivery: d})
}

// sums returns the sums of one reset.
func (o record) sums(r reset.Reset) (s history.Sums) {
	one := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	s = history.Sums{
		Requested: 1, NoAccount: one(r.Withheld == reset.WithheldNoAccount), Inactive: one(r.Withheld == reset.WithheldInactive),
		Throttled: one(r.Withheld == reset.WithheldThrottled), NoPassword: one(r.Withheld == reset.WithheldNoPassword), Unmatched: one(r.Withheld == reset.WithheldUnmatched),
		MailAccepted: one(r.Mail == reset.MailAccepted), MailFailed: one(r.Mail == reset.MailFailed),
		Opened: one(!r.OpenedAt.IsZero() || !r.UsedAt.IsZero()), Revoked: one(!r.RevokedAt.IsZero()), Used: one(!r.UsedAt.IsZero()),
	}
	for i, t := range history.UseTimes {
		s.UsedWithin[i] = one(!r.UsedAt.IsZero() && r.UsedAt.Sub(r.CreatedAt) <= t)
	}
	return s
}

func mustIP(s string) netip.Addr { return netip.MustParseAddr(s) }
