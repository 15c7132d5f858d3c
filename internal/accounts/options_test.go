package accounts_test

import (
	"strings"
	"testing"

	"resetd/internal/accounts"
)

func TestOptionsChangeAPreset(t *testing.T) {
	for spec, want := range map[string]string{
		"wordpress,prefix=blog_":     "FROM blog_users",
		"wordpress,prefix=":          "FROM users",
		"django,table=people_person": "UPDATE people_person SET password",
		"django,email,table=people":  "email AS name, password AS password_hash, is_active AS active\nFROM people WHERE lower(email) IN (lower($1), $2, $3) OR email = $1",
		"django,no-full-name,email":  "concat_ws(' ', email, email)",
		"django, table = people ":    "FROM people WHERE",
		"devise":                     "'' AS name, encrypted_password AS password_hash, true AS active",
		"devise,lockable":            "remember_created_at = NULL, locked_at = NULL, unlock_token = NULL, failed_attempts = 0 WHERE",
		"devise,confirmable,soft-delete,deleted=discarded_at": "true AND confirmed_at IS NOT NULL AND discarded_at IS NULL AS active",
		"laravel,sanctum,no-sessions":                         "personal_access_tokens WHERE tokenable_id",
		"laravel,table=app.members":                           "FROM app.members",
		`werkzeug,table="Members"`:                            `FROM "Members"`,
	} {
		text, err := accounts.Preset(spec)
		if err != nil {
			text = []byte(err.Error())
		} else if _, err := accounts.Load(spec); err != nil {
			t.Errorf("%s: %v", spec, err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s: want %s, got\n%s", spec, want, text)
		}
	}
}

func TestOptionErrorsNameTheOptions(t *testing.T) {
	for spec, want := range map[string]string{
		"wordpress,prefx=blog_":    `there is no option "prefx=blog_"; this preset has prefix=..., multisite`,
		"devise,paranoid":          `there is no option "paranoid"; this preset has deleted=..., name=..., table=..., confirmable, lockable, soft-delete`,
		"django,table":             `there is no option "table"`,
		"django,table=a b":         `option table: "a b" is not the name of a table or column`,
		"django,table=a; DROP":     "option table",
		"django,names=a":           `there is no option "names=a"`,
		"builtin,table=people":     "this preset has none",
		"rabbits,table=people":     "neither a preset nor a file",
		"./accounts.toml,table=un": "neither a preset nor a file",
	} {
		if _, err := accounts.Load(spec); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", spec, err, want)
		}
	}
}

// Each preset is valid with each of its modules, alone and with all others.
func TestModulesAreValid(t *testing.T) {
	for _, name := range accounts.Presets() {
		_, err := accounts.Load(name + ",?")
		_, list, _ := strings.Cut(err.Error(), "this preset has ")
		all := name
		for option := range strings.SplitSeq(list, ", ") {
			if strings.HasSuffix(option, "=...") || option == "none" {
				continue
			}
			all += "," + option
			for _, spec := range []string{name + "," + option, all} {
				if _, err := accounts.Load(spec); err != nil {
					t.Errorf("%s: %v", spec, err)
				}
			}
		}
	}
}

// On MariaDB and MySQL some statements are different ones.
func TestMySQLHasItsOwnStatements(t *testing.T) {
	d, err := accounts.Parse([]byte(whole + "[mysql]\nget = \"SELECT other FROM t WHERE id = $1\"\nafter_reset = []"))
	if err != nil {
		t.Fatal(err)
	}
	on := d.OnMySQL()
	if on.Get != "SELECT other FROM t WHERE id = $1" || len(on.AfterReset) != 0 || on.Find != d.Find || len(d.AfterReset) != 1 {
		t.Errorf("got %+v of %+v", on, d)
	}
	if _, err := accounts.Parse([]byte(whole + "[mysql]\nget = \"SELECT $2\"")); err == nil || !strings.Contains(err.Error(), "mysql: get: there is no parameter $2") {
		t.Errorf("got %v", err)
	}
}
