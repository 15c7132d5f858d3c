package reset_test

import (
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// Literals, quoted names and comments of a statement are not changed, even if they look
// like parameters.
func TestStatementsKeepTheirLiterals(t *testing.T) {
	text := strings.NewReplacer(
		`password AS password_hash, active FROM members m`, `password AS password_hash, active AND password LIKE '$argon2id$v=19$%' AND '{now}' = '{' || 'now}' /* $1 */ AS active FROM members m`,
		`SET password = $2 WHERE`, `SET password = '$a' || substr($2, 3), stamp = '{uuid} $1' WHERE`,
		`SET stamp = {uuid} WHERE id = $1`, `SET \"the $1\" = {uuid} WHERE id = $1 -- and $9`,
		`WHERE id = $1"`, `WHERE id = $1 -- not $2"`,
	).Replace(members)
	eachMember(t, text, func(w world) {
		w.db.SQL(w.T, `ALTER TABLE members ADD COLUMN "the $1" text`)
		w.must(w.resets.Use(w.Context(), w.link("user@example.org"), newPassword, newPassword, testkit.Visitor))
		if got := w.db.Text(w.T, `SELECT stamp || ' ' || length("the $1") FROM members`); got != "{uuid} $1 36" {
			w.Errorf("got %s", got)
		}
	})
}
