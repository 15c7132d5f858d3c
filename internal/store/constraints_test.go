package store_test

import (
	"fmt"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// The database itself refuses impossible rows, for every client.
func TestConstraintsRefuseImpossibleResets(t *testing.T) {
	const at = `'2031-05-06 07:10:00.000000+00:00'`
	const used, revoked, opened = `used_at = ` + at + `, used_by_ip = '203.0.113.9'`, `revoked_at = ` + at + `, revoked_by = `, `opened_at = ` + at + `, opened_by_ip = '203.0.113.9'`
	const unmatched = `account_state = NULL, user_id = NULL, `
	refused := map[string]struct{ change, constraint string }{
		"used without its IP address":     {`used_at = ` + at, "used_has_ip"},
		"used and revoked":                {used + `, ` + revoked + `'other_link'`, "used_or_revoked"},
		"used after expiry":               {`used_at = '2032-05-06 07:10:00.000000+00:00', used_by_ip = '203.0.113.9'`, "used_in_time"},
		"used before it was looked up":    {unmatched + used, "used_has_state"},
		"revoked by nobody":               {`revoked_at = ` + at, "revoked_has_author"},
		"revoked by something else":       {revoked + `'whim'`, "revoked_by_known"},
		"revoked by staff without a name": {revoked + `'staff:'`, "revoked_by_known"},
		"withheld with a link":            {`withheld = 'inactive'`, "state_has_account"},
		"withheld and used":               {`withheld = 'inactive', account_state = NULL, ` + used, "used_has_state"},
		"withheld for no reason":          {`withheld = 'whim', account_state = NULL`, "withheld_known"},
		"expiry before creation":          {`expires_at = '2030-05-06 07:10:00.000000+00:00'`, "expires_after_creation"},
		"opened by nobody":                {`opened_at = ` + at, "opened_has_ip"},
		"opened before it was looked up":  {unmatched + opened, "opened_has_state"},
		"a link without an account":       {`user_id = NULL`, "state_has_account"},
		"a mail in no known state":        {`mail = 'whim'`, "mail_known"},
		"requested by something else":     {`requested_by = 'whim'`, "requested_by_known"},
		"without an expiry":               {`expires_at = NULL`, "expires_at"},
		"without an IP address":           {`created_by_ip = NULL`, "created_by_ip"},
	}
	accepted := []string{
		unmatched + `mail = NULL`, unmatched + `mail = NULL, withheld = 'unmatched'`, `requested_by = 'rescue'`, `requested_by = 'api:crm'`,
		opened, used, `used_at = NULL, used_by_ip = NULL, ` + revoked + `'not_me'`, revoked + `'staff:vera'`, `mail = 'unknown'`, `mail = 'bounced'`,
	}
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := testkit.NewClock().Now()
		r := testkit.Reset(now, "7")
		must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
		update := func(change string) error {
			return db.TrySQL(t, fmt.Sprintf(`UPDATE password_resets SET %s WHERE id = '%s'`, change, r.ID))
		}
		for name, c := range refused {
			if err := update(c.change); err == nil || !strings.Contains(err.Error(), c.constraint) {
				t.Errorf("%s: got %v, want the constraint %s", name, err, c.constraint)
			}
		}
		for _, change := range accepted {
			must(t, update(`user_id = '7', account_state = 'state', withheld = NULL`))
			if err := update(change); err != nil {
				t.Errorf("%s: %v", change, err)
			}
		}
	})
}
