package accounts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/sqltext"
)

const whole = `
hash = "argon2id"
find = "SELECT id FROM t WHERE lower(email) IN (lower($1), $2)"
get = "SELECT id FROM t WHERE id = $1"
set_password = "UPDATE t SET hash = $2 WHERE id = $1 AND hash = $3"
after_reset = ["DELETE FROM s WHERE id = $1"]
`

func TestDirectoryErrorsNameTheKey(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":       {whole + `colour = "blue"`, "colour"},
		"two unknown keys":     {whole + "a = 1\nb = 2", "\"a\"\nunknown key \"b\""},
		"a key mistyped":       {strings.Replace(whole, "find =", "finds =", 1), "\"finds\"\nfind is missing"},
		"no hash":              {strings.Replace(whole, `hash = "argon2id"`, "", 1), "hash is missing"},
		"an unknown format":    {strings.Replace(whole, "argon2id", "md5", 1), "md5"},
		"no find":              {strings.Replace(whole, "find =", "# find =", 1), "find is missing"},
		"no such parameter":    {strings.Replace(whole, "id = $1\"", "id = $2\"", 1), "$2"},
		"parameter zero":       {strings.Replace(whole, "id = $1\"", "id = $0\"", 1), "$0"},
		"a statement's number": {strings.Replace(whole, "s WHERE id = $1", "s WHERE id = $2", 1), "after_reset, statement 1"},
		"a wrong type":         {strings.Replace(whole, `"argon2id"`, "7", 1), "line 2: hash: "},
		"no TOML":              {"find = ", ""},
	} {
		if _, err := accounts.Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error that names %q", name, err, c.want)
		}
	}
	if _, err := accounts.Parse([]byte(whole)); err != nil {
		t.Errorf("a complete directory: %v", err)
	}
}

func TestLoad(t *testing.T) {
	if _, err := accounts.Load(accounts.Builtin); err != nil {
		t.Errorf("builtin: %v", err)
	}
	if _, err := accounts.Load("nothing"); err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("got %v, want an error that names it", err)
	}
}

func TestBindUsesOnlyNamedParameters(t *testing.T) {
	now := time.Unix(0, 0)
	for statement, want := range map[accounts.Statement]struct {
		sql  string
		args []any
	}{
		"a = $1":                  {"a = $1", []any{"one"}},
		"a = $2":                  {"a = $1", []any{"two"}},
		"a = $3 OR b IN ($1, $3)": {"a = $1 OR b IN ($2, $1)", []any{"three", "one"}},
		"a = {now} AND b = $2":    {"a = $1 AND b = $2", []any{now, "two"}},
		"a = '{}' OR b = {x}":     {"a = '{}' OR b = {x}", nil},
		"a LIKE '$2y$%' OR b = $2 -- not $9, {now}": {"a LIKE '$2y$%' OR b = $1 -- not $9, {now}", []any{"two"}},
	} {
		sql, args := statement.Bind(sqltext.Postgres, now, "one", "two", "three")
		if diff := cmp.Diff(want.sql, sql) + cmp.Diff(want.args, args); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", statement, diff)
		}
	}
}

func TestGeneratedParametersAreNew(t *testing.T) {
	const s accounts.Statement = "{uuid} {random60} {uuid}"
	sql, a := s.Bind(sqltext.Postgres, time.Time{})
	_, b := s.Bind(sqltext.Postgres, time.Time{})
	if sql != "$1 $2 $1" || len(a) != 2 || a[0] == b[0] || a[1] == b[1] || len(a[1].(string)) != 60 {
		t.Errorf("got %q %v and %v", sql, a, b)
	}
}

func TestMatchReturnsFiveInOrder(t *testing.T) {
	asked, err := reset.ParseAddress("User@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var found []reset.Account
	for _, id := range []string{"7", "2", "9", "1", "8", "3"} {
		found = append(found, reset.Account{ID: id, Email: "user@EXAMPLE.org"}, reset.Account{ID: "0", Email: "uſer@example.com"})
	}
	var ids []string
	for _, a := range accounts.Match(asked, found) {
		ids = append(ids, a.ID)
	}
	if diff := cmp.Diff([]string{"1", "2", "3", "7", "8"}, ids); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
