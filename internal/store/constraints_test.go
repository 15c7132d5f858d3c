package store_test

import (
	"fmt"
	"testing"

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
