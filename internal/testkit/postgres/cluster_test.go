package postgres

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"testing"

	_ "github.com/lib/pq" // the driver registers itself
)

func TestDataSurvivesStopAndCrash(t *testing.T) {
	c, err := Start(t.Context(), Options{Durable: true, Settings: []string{"work_mem=5MB"}})
	must(t, err)
	t.Cleanup(func() {
		must(t, c.Close())
		if _, err := os.Stat(c.dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("folder %s still exists: %v", c.dir, err)
		}
	})
	at := c.URL("postgres")
	db, err := sql.Open("postgres", at)
	must(t, err)
	defer db.Close()
	exec := func(statement string) { _, err := db.Exec(statement); must(t, err) }
	exec(`CREATE TABLE t AS SELECT 1`)
	for name, end := range map[string]func() error{"stop": c.Stop, "crash": func() error { c.Crash(); return nil }} {
		must(t, end())
		if err := c.Wait(context.Background()); err == nil || db.Ping() == nil {
			t.Errorf("the server still runs after a %s", name)
		}
		must(t, c.Restart(t.Context()))
		must(t, db.Ping())
		exec(`SELECT * FROM t`)
	}
	if c.URL("postgres") != at {
		t.Errorf("the URL changed from %s to %s", at, c.URL("postgres"))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
