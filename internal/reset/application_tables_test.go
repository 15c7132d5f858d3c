package reset_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// table is an application's accounts, with one row.
const table = `CREATE TABLE members (id integer PRIMARY KEY, email varchar(255), name varchar(255), password varchar(255), active boolean);
	INSERT INTO members VALUES (7, 'user@example.org', NULL, 'HASH', true)`

// tableDirectory describes it.
const tableDirectory = `
	hash         = "argon2id"
	find         = '''SELECT id, email, name, password AS password_hash, active FROM members WHERE email IN ($1, $2, $3)'''
	get          = '''SELECT id, email, name, password AS password_hash, active FROM members WHERE id = $1'''
	set_password = '''UPDATE members SET password = $2 WHERE id = $1 AND password = $3'''
	find_many    = true
`

// tableCase is a kind of table or statement that applications have, and what becomes of
// a reset through its link.
type tableCase struct {
	tables []string // pairs to replace in table
	more   string   // further tables
	file   []string // pairs to replace in tableDirectory
	typed  string
	on     string // the databases, if not all
	want   string // words of the error; "": the password is set
}

var (
	ids    = func(kind, id string) []string { return []string{"integer", kind, "(7", "(" + id} }
	notSet = "get after set_password: the new password does not match"
)

var tableCases = map[string]tableCase{
	"statements that end with ;":       {file: []string{")'''", "); '''", "$1'''", "$1;'''", "$3'''", "$3;\n'''"}},
	"comments and literals":            {file: []string{"SELECT id", "-- it's $1?\nSELECT /* $2 ' */ id", "name,", `coalesce(name, 'a $1 {now} ?') AS name,`, "'user' AS", ""}},
	"backslashes":                      {on: "mysql", file: []string{"name,", `coalesce(name, 'it\'s $1', "a $1 \" ?", '\\') AS name,`, "$1'''", "$1 # it's $1'''"}},
	"dollar quotes and escapes":        {on: "postgres", file: []string{"name,", `coalesce(name, E'it\'s $1', U&'\0024 $1', $$ $1 $$, $a$ $2 $a$) AS name,`}},
	"a literal that looks like a hash": {file: []string{"active FROM", "password LIKE '$argon2id$%' AS active FROM"}},
	"quoted names":                     {on: "sqlite postgres", tables: []string{"members", `"my $1 members"`, "email", `"E-Mail {now}"`}, file: []string{"WHERE email", `WHERE "E-Mail {now}"`, "email,", `"E-Mail {now}" AS email,`, "members", `"my $1 members"`}},
	"RETURNING":                        {on: "sqlite postgres", file: []string{"$3'''", "$3 RETURNING id'''"}},
	"a view":                           {on: "postgres mysql", more: `CREATE VIEW people AS SELECT id, email, name, password, active FROM members`, file: []string{"members", "people"}},
	"a generated column":               {tables: []string{"boolean)", "boolean, folded varchar(255) GENERATED ALWAYS AS (lower(email)) STORED)", "members VALUES", "members (id, email, name, password, active) VALUES"}, file: []string{"WHERE email", "WHERE folded"}},
	"char(n)":                          {tables: []string{"varchar", "char"}},
	"text ids of char(n)":              {tables: ids("char(10)", "'seven'")},
	"UUIDs":                            {tables: ids("uuid", "'A0000000-0000-4000-8000-00000000000B'"), on: "postgres mysql"},
	"binary UUIDs":                     {tables: ids("binary(16)", "unhex('A0000000F0004000800000000000FF01')"), on: "mysql", want: "column id has a type that does not fit"},
	"binary UUIDs as text":             {tables: ids("binary(16)", "unhex('A0000000F0004000800000000000FF01')"), on: "mysql", file: []string{"SELECT id", "SELECT hex(id) AS id", "id = $1", "id = unhex($1)"}},
	"blobs as ids":                     {tables: ids("blob", "x'A0000000F0004000800000000000FF01'"), on: "sqlite", want: "column id has a type that does not fit"},
	"ids beyond 2^53":                  {tables: ids("bigint", "9007199254740993"), more: `INSERT INTO members VALUES (9007199254740992, 'other@example.org', '', 'HASH', true)`},
	"ids beyond 2^53 without a key":    {tables: []string{"integer PRIMARY KEY", "bigint", "(7", "(9007199254740993"}, more: `INSERT INTO members VALUES (9007199254740992, 'other@example.org', '', 'HASH', true)`},
	"ids with blanks and signs":        {tables: ids("varchar(20)", "' a/b%20c? '")},
	"a column of latin1":               {on: "mysql", tables: []string{"email varchar(255)", "email varchar(255) CHARACTER SET latin1", "user@", "jürgen@"}, typed: "JÜRGEN@example.org"},
	"a collation that compares case":   {on: "mysql", tables: []string{"varchar(255)", "varchar(255) COLLATE utf8mb4_bin"}, typed: "USER@example.org"},
	"an enum":                          {on: "mysql", tables: []string{"boolean", "enum('on', 'off')", "true", "'on'"}, file: []string{"active FROM", "active = 'on' AS active FROM"}},
	"a closed account":                 {tables: []string{"true", "NULL"}, want: "0 emails"},
	"JSON of PostgreSQL":               {on: "postgres", tables: []string{"password varchar(255)", "password jsonb", "'HASH'", `'{"hash": "HASH", "salt": 1}'`}, file: []string{"password AS", "password->>'hash' AS", "SET password = $2", "SET password = jsonb_set(password, '{hash}', to_jsonb($2::text))", "password = $3", "password->>'hash' = $3"}},
	"JSON":                             {on: "sqlite mysql", tables: []string{"password varchar(255)", "password json", "'HASH'", `'{"hash": "HASH", "salt": 1}'`}, file: []string{"password AS", "replace(json_extract(password, '$.hash'), '\"', '') AS", "SET password = $2", "SET password = json_set(password, '$.hash', $2)", "password = $3", "replace(json_extract(password, '$.hash'), '\"', '') = $3"}},
	"booleans of one bit":              {tables: []string{"boolean", "bit(1)"}, on: "mysql"},
	"booleans that are numbers":        {tables: []string{"boolean", "integer", "true", "1"}},
	"rows of find twice":               {more: `CREATE TABLE roles (member integer); INSERT INTO roles VALUES (7), (7)`, file: []string{"FROM members WHERE email", "FROM members JOIN roles ON member = id WHERE email"}},
	"rows of get twice":                {more: `CREATE TABLE roles (member integer); INSERT INTO roles VALUES (7), (7)`, file: []string{"FROM members WHERE id", "FROM members JOIN roles ON member = id WHERE id"}, want: "get: it returned 2 rows for one id"},
	"get returns another id":           {file: []string{"FROM members WHERE id", "FROM (SELECT 8 AS id, id AS was, email, name, password, active FROM members) AS changed WHERE was"}, want: reset.ErrRevoked.Error()},
	"set_password changes two rows":    {more: `INSERT INTO members VALUES (8, 'user2@example.org', '', 'HASH', true)`, file: []string{"WHERE id = $1 AND password = $3", "WHERE id >= $1 AND password = $3"}, want: "set_password: it would have changed 2 rows"},
	"a hash that is cut off":           {file: []string{"= $2", "= substr($2, 1, 59)"}, want: notSet},
	"a column that is too short":       {tables: []string{"password varchar(255)", "password varchar(40)", "HASH", "old"}, on: "postgres mysql", want: "set_password: "},
	"a hash that is cut off silently":  {tables: []string{"password varchar(255)", "password varchar(60)", "HASH", "old"}, on: "mysql", file: []string{"UPDATE members", "UPDATE IGNORE members"}, want: notSet},
	"a trigger that refuses":           {on: "mysql", more: `CREATE TRIGGER refuses BEFORE UPDATE ON members FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'`, want: "set_password: database: a trigger or a procedure refused it"},
	"a trigger that hashes":            {more: "TRIGGER", want: notSet},
	"an old hash of Drupal":            {tables: []string{"HASH", "$S$DabcdefghxZaKAs1vaKryfgc.94npfa6mxBxGYPa8uFNc5CXFFmm"}},
	"an old hash of no known format":   {tables: []string{"HASH", "{SSHA}abcdef=="}},
	"a second address": {
		more: `CREATE TABLE emails (member integer, email varchar(99)); INSERT INTO emails VALUES (7, 'second@example.org'), (7, 'user@example.org')`, typed: "Second@example.org",
		file: []string{"SELECT id, email, name, password AS password_hash, active FROM members WHERE email", "SELECT m.id, e.email, name, password AS password_hash, active FROM members m JOIN emails e ON e.member = m.id WHERE e.email"},
	},
	"a collation that ignores case": {on: "mysql", more: `INSERT INTO members VALUES (8, 'USÉR@example.org', NULL, 'HASH', true)`, typed: "user@example.org"},
}

// hashing are triggers that hash what is written, as some applications have them.
var hashing = map[string]string{
	"sqlite":   `CREATE TRIGGER hashes AFTER UPDATE OF password ON members BEGIN UPDATE members SET password = hex(NEW.password) WHERE id = NEW.id; END`,
	"postgres": `CREATE FUNCTION hashes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.password := md5(NEW.password); RETURN NEW; END $$; CREATE TRIGGER hashes BEFORE UPDATE ON members FOR EACH ROW EXECUTE FUNCTION hashes()`,
	"mysql":    `CREATE TRIGGER hashes BEFORE UPDATE ON members FOR EACH ROW SET NEW.password = md5(NEW.password)`,
}

// A reset through its link works with every kind of table and statement, or is rolled
// back with an error that names the reason.
func TestResetsOfApplicationTables(t *testing.T) {
	for _, name := range []string{"sqlite", "postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApplicationDB(t, name)
			for kind, c := range tableCases {
				if strings.Contains(cmp.Or(c.on, name), name) {
					t.Run(kind, func(t *testing.T) { a.reset(t, c) })
				}
			}
		})
	}
}

// applicationDB are the databases of the record and of the accounts.
type applicationDB struct {
	record, accounts testkit.Database
}

func newApplicationDB(t *testing.T, name string) applicationDB {
	t.Helper()
	switch name {
	case "mysql":
		return applicationDB{testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, testkit.Database{Name: name, URL: testkit.MariaDB(t)}}
	case "postgres":
		db := testkit.Database{Name: name, URL: testkit.Postgres(t)}
		return applicationDB{db, db}
	default:
		db := testkit.Database{Name: name, URL: testkit.SQLite(t)}
		return applicationDB{db, db}
	}
}

func (a applicationDB) create(t *testing.T, c tableCase) {
	t.Helper()
	text := strings.NewReplacer(c.tables...).Replace(table) + ";" + c.more
	if c.more == "TRIGGER" {
		text = table
	}
	for statement := range strings.SplitSeq(strings.ReplaceAll(text, "HASH", testkit.PasswordHash), ";") {
		if strings.TrimSpace(statement) != "" {
			a.accounts.SQL(t, statement)
		}
	}
	if c.more == "TRIGGER" {
		a.accounts.SQL(t, hashing[a.accounts.Name])
	}
}

// drop removes what create created.
func (a applicationDB) drop(t *testing.T, c tableCase) {
	for _, what := range []string{"VIEW people", "TABLE roles", "TABLE emails"} {
		if strings.Contains(c.more, what) {
			a.accounts.SQL(t, "DROP "+what)
		}
	}
	name := "members"
	if i := slices.Index(c.tables, name); i >= 0 {
		name = c.tables[i+1]
	}
	a.accounts.SQL(t, "DROP TABLE "+name)
}

func (a applicationDB) open(t *testing.T, c tableCase) world {
	t.Helper()
	directory, err := accounts.Parse([]byte(strings.NewReplacer(c.file...).Replace(tableDirectory)))
	if err != nil {
		t.Fatal(err)
	}
	w := world{T: t, db: a.record, clock: testkit.NewClock()}
	if a.record == a.accounts {
		w.store = a.record.Open(t, directory)
	} else {
		w.store, err = store.OpenWithAccounts(a.record.URL, a.accounts.URL, directory)
		w.must(err)
		t.Cleanup(func() { _ = w.store.Close() })
	}
	w.hasher, err = password.NewHasher(password.Config{Params: password.OWASP, Scheme: directory.Scheme("")})
	w.must(err)
	w.resets = w.service()
	return w
}

func (a applicationDB) reset(t *testing.T, c tableCase) {
	a.record.SQL(t, `DELETE FROM reset_deliveries`)
	a.create(t, c)
	defer a.drop(t, c)
	w := a.open(t, c)
	err := w.resetByMail(cmp.Or(c.typed, "user@example.org"))
	if c.want != "" {
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		return
	}
	w.must(err)
	asked := testkit.Address(t, cmp.Or(c.typed, "user@example.org"))
	found, err := w.store.FindAccounts(t.Context(), asked)
	w.must(err)
	if len(found) != 1 {
		t.Fatalf("found %d accounts", len(found))
	}
	each, err := w.store.FindEach(t.Context(), []reset.Address{testkit.Address(t, "nobody@example.org"), asked})
	if err != nil || len(each[0]) != 0 || !slices.Equal(each[1], found) {
		t.Errorf("among others: got %v, %v, want %v", each, err, found)
	}
	if right, err := w.hasher.Verify(t.Context(), password.ForReset, found[0].PasswordHash, newPassword); err != nil || !right {
		t.Errorf("%s is not the new password: %v", found[0].PasswordHash, err)
	}
}

// resetByMail requests a link and uses it.
func (w world) resetByMail(email string) error {
	if err := w.resets.Request(w.Context(), testkit.Address(w, email), testkit.Visitor, ""); err != nil {
		return err
	}
	leased, err := w.resets.Lease(w.Context(), reset.AllDue, time.Minute, 10)
	w.must(err)
	mails, err := w.resets.Match(w.Context(), leased)
	if err != nil || len(mails) != 1 {
		return fmt.Errorf("%d emails: %w", len(mails), err)
	}
	id, err := w.resets.Verify(mails[0].Token.Encode())
	if err != nil {
		return err
	}
	if _, err := w.resets.Show(w.Context(), id); err != nil {
		return err
	}
	return w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor)
}
