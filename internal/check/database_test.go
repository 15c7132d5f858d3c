package check

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"resetd/internal/store/inspect"
	"resetd/internal/testkit"
)

// wantOne fails unless there is exactly one finding, with this state and these words.
func wantOne(t *testing.T, found results, want State, words string) {
	t.Helper()
	if len(found) != 1 || found[0].State != want || !strings.Contains(found[0].Text, words) {
		t.Errorf("got %v, want one finding %s with %q", found, want, words)
	}
}

func TestJudgeServer(t *testing.T) {
	good := inspect.Facts{Product: "PostgreSQL", Version: "15.8", Number: 150008, Encoding: "UTF8"}
	wantOne(t, judgeServer(good, 1400*time.Microsecond), OK, "PostgreSQL 15.8, answers in 1 ms")
	wantOne(t, judgeServer(inspect.Facts{Product: "SQLite", Version: "3.50.4"}, time.Microsecond), OK, "SQLite 3.50.4, answers in less than 1 ms")
	old, latin, standby := good, good, good
	old.Number, old.Version = 130012, "13.12"
	wantOne(t, judgeServer(old, 0), Wrong, "13.12 is too old")
	latin.Encoding = "LATIN1"
	wantOne(t, judgeServer(latin, 0), Wrong, "LATIN1")
	standby.ReadOnly = true
	wantOne(t, judgeServer(standby, 0), Wrong, "primary")
}

func TestDurability(t *testing.T) {
	on := inspect.Facts{Product: "PostgreSQL", Fsync: "on", FullPageWrites: "on", SynchronousCommit: "on"}
	wantOne(t, judgePostgres(on), OK, "synchronous_commit is on")
	for name, off := range map[string]func(*inspect.Facts){
		"fsync":              func(f *inspect.Facts) { f.Fsync = "off" },
		"full_page_writes":   func(f *inspect.Facts) { f.FullPageWrites = "off" },
		"synchronous_commit": func(f *inspect.Facts) { f.SynchronousCommit = "off" },
	} {
		f := on
		off(&f)
		wantOne(t, judgePostgres(f), Wrong, name+" is off")
	}
	remote := on
	remote.SynchronousCommit = "remote_apply"
	wantOne(t, judgePostgres(remote), OK, "remote_apply")

	wantOne(t, judgeSQLite(inspect.Facts{JournalMode: "wal", Synchronous: 2}), OK, "FULL")
	wantOne(t, judgeSQLite(inspect.Facts{JournalMode: "wal", Synchronous: 1}), Wrong, "synchronous")
	wantOne(t, judgeSQLite(inspect.Facts{JournalMode: "delete", Synchronous: 2}), Note, "delete")
}

func TestJudgeTables(t *testing.T) {
	postgres := inspect.Facts{Product: "PostgreSQL", Schema: sql.NullString{String: "public", Valid: true}, MayCreate: sql.NullBool{Bool: true, Valid: true}}
	may, mayNot, nowhere := postgres, postgres, postgres
	mayNot.MayCreate = sql.NullBool{Valid: true}
	nowhere.Schema = sql.NullString{}
	pending := inspect.Tables{Applied: 1, Pending: []string{"00002_x.sql"}}
	two := inspect.Tables{Applied: 1, Pending: []string{"00002_x.sql", "00003_y.sql"}}
	for _, c := range []struct {
		tables inspect.Tables
		facts  inspect.Facts
		want   State
		words  string
	}{
		{inspect.Tables{Applied: 2}, may, OK, "2 migrations"},
		{inspect.Tables{Applied: 2}, mayNot, OK, "2 migrations"},
		{inspect.Tables{Applied: 2}, nowhere, Wrong, "search_path"},
		{pending, may, Wrong, "00002_x.sql is missing; run `resetd migrate up`"},
		{two, may, Wrong, "2 migrations are missing, starting with 00002_x.sql; run `resetd migrate up`"},
		{inspect.Tables{Pending: []string{"00001_x.sql"}}, may, Wrong, "no tables yet; run `resetd migrate up`"},
		{pending, mayNot, Wrong, "GRANT CREATE ON SCHEMA public"},
		{pending, inspect.Facts{Product: "SQLite"}, Wrong, "run `resetd migrate up`"},
		{inspect.Tables{Newer: true}, may, Wrong, "newer"},
		{inspect.Tables{Taken: []string{"users"}, Pending: []string{"x"}}, may, Wrong, "users"},
	} {
		wantOne(t, judgeTables(c.tables, c.facts), c.want, c.words)
	}
}

func TestClock(t *testing.T) {
	url := testkit.Postgres(t)
	for shift, words := range map[time.Duration]string{0: "agrees", time.Minute: "1 minute ahead of", -time.Hour: "1 hour behind"} {
		in := Input{Now: func() time.Time { return time.Now().Add(shift) }}
		in.Config.DatabaseURL = url
		i := inspection{Input: in}
		wantOne(t, i.connect(t.Context()), OK, "PostgreSQL")
		want := Wrong
		if shift == 0 {
			want = OK
		}
		wantOne(t, i.clock(t.Context()), want, words)
		i.close()
	}
}

func TestDatabaseWithAnotherEncodingIsWrong(t *testing.T) {
	url, drop, err := testkit.NewPostgres(t.Context(), " TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
	if err != nil {
		t.Fatal(err)
	}
	defer drop()
	i := inspection{}
	i.Config.DatabaseURL = url
	defer i.close()
	wantOne(t, i.connect(t.Context()), Wrong, "LATIN1")
}
