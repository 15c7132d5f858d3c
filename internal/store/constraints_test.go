package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// What must never be is refused by the database itself, whoever writes.
func TestDatabaseHoldsWhatMustNeverBe(t *testing.T) {
	const used, revoked = `used_at = '2031-05-06 07:10:00.000000+00:00'`, `revoked_at = '2031-05-06 07:10:00.000000+00:00'`
	refused := map[string]string{
		"used without its IP address":  used,
		"used and revoked":             used + `, used_by_ip = '203.0.113.9', ` + revoked + `, revoked_by = 'superseded'`,
		"used after expiry":            `used_at = '2032-05-06 07:10:00.000000+00:00', used_by_ip = '203.0.113.9'`,
		"revoked by nobody":            revoked,
		"revoked by something else":    revoked + `, revoked_by = 'whim'`,
		"withheld and used":            `withheld = 'inactive', ` + used + `, used_by_ip = '203.0.113.9'`,
		"withheld for no reason":       `withheld = 'whim'`,
		"expiry before creation":       `expires_at = '2030-05-06 07:10:00.000000+00:00'`,
		"no expiry":                    `expires_at = NULL`,
		"opened by nobody":             `opened_at = '2031-05-06 07:10:00.000000+00:00'`,
		"a link without an account":    `user_id = NULL`,
		"a link without account state": `account_state = NULL`,
		"asked for by something else":  `requested_by = 'whim'`,
		"asked for from no IP address": `created_by_ip = NULL`,
		"staff without a name":         revoked + `, revoked_by = 'staff:'`,
	}
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := testkit.NewClock().Now()
		r := testkit.Reset(now, "7")
		if err := s.Insert(t.Context(), r, testkit.Delivery(now, r)); err != nil {
			t.Fatal(err)
		}
		for name, change := range refused {
			if err := db.TrySQL(t, fmt.Sprintf(`UPDATE password_resets SET %s WHERE id = '%s'`, change, r.ID)); err == nil {
				t.Errorf("%s: the database took it", name)
			}
		}
		db.SQL(t, fmt.Sprintf(`UPDATE password_resets SET %s, used_by_ip = '203.0.113.9' WHERE id = '%s'`, used, r.ID))
	})
}

func TestHistoryAnswersEachQuestionNewestFirst(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		start := testkit.NewClock().Now()
		add := func(minute int, userID, email, ip string, change func(*reset.Reset)) reset.ID {
			t.Helper()
			r := testkit.Reset(start.Add(time.Duration(minute)*time.Minute), userID)
			r.Email, r.CreatedByIP = email, mustIP(ip)
			if change != nil {
				change(&r)
			}
			if err := s.Insert(t.Context(), r, testkit.Delivery(start, r)); err != nil {
				t.Fatal(err)
			}
			return r.ID
		}
		ids := []reset.ID{
			add(0, "7", "a@example.org", "203.0.113.1", nil),
			add(1, "7", "a@example.org", "203.0.113.2", nil),
			add(2, "8", "b@example.org", "2001:db8::1", nil),
			add(3, "", "c@example.org", "203.0.113.1", func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldNoAccount, "" }),
			add(200, "7", "a@example.org", "203.0.113.3", nil),
		}
		now := start.Add(210 * time.Minute)
		if _, err := s.Use(t.Context(), ids[1], start.Add(2*time.Minute), reset.Client{IP: mustIP("203.0.113.1")}); err != nil {
			t.Fatal(err)
		}
		if err := s.Opened(t.Context(), ids[4], now, testkit.Visitor); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter store.Filter
			want   []int
		}{
			"everything":      {store.Filter{}, []int{4, 3, 2, 1, 0}},
			"by address":      {store.Filter{Email: "a@example.org"}, []int{4, 1, 0}},
			"by account":      {store.Filter{UserID: "8"}, []int{2}},
			"by IP address":   {store.Filter{IP: mustIP("203.0.113.1")}, []int{3, 1, 0}},
			"by IPv6 address": {store.Filter{IP: mustIP("2001:db8::1")}, []int{2}},
			"since":           {store.Filter{Since: start.Add(2 * time.Minute)}, []int{4, 3, 2}},
			"until":           {store.Filter{Until: start.Add(2 * time.Minute)}, []int{1, 0}},
			"used":            {store.Filter{Status: reset.StatusUsed}, []int{1}},
			"expired":         {store.Filter{Status: reset.StatusExpired}, []int{2, 0}},
			"withheld":        {store.Filter{Status: reset.StatusWithheld}, []int{3}},
			"opened":          {store.Filter{Status: reset.StatusOpened}, []int{4}},
			"pending":         {store.Filter{Status: reset.StatusPending}, nil},
			"all together":    {store.Filter{Email: "a@example.org", UserID: "7", IP: mustIP("203.0.113.1"), Status: reset.StatusExpired}, []int{0}},
			"a percent sign":  {store.Filter{Email: "%"}, nil},
		} {
			c.filter.Limit = 10
			got, err := s.History(t.Context(), c.filter, now)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if indexes(got, ids) != strings.Trim(fmt.Sprint(c.want), "[]") {
				t.Errorf("%s: got %s, want %v", name, indexes(got, ids), c.want)
			}
		}
		if got, _ := s.History(t.Context(), store.Filter{Limit: 2}, now); len(got) != 2 || got[0].ID != ids[4] {
			t.Errorf("limit 2: got %s, want 4 3", indexes(got, ids))
		}
	})
}
