package inspect_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/store/inspect"
	"resetd/internal/testkit"
)

func open(t *testing.T, url string, d accounts.Directory) *inspect.Inspector {
	t.Helper()
	i, err := inspect.Open(url, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = i.Close() })
	return i
}

func TestInspectCreatesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "var", "resetd.db")
	if _, err := inspect.Open("sqlite:"+path, accounts.Directory{}); !errors.Is(err, inspect.ErrNoFile) {
		t.Errorf("got %v, want %v", err, inspect.ErrNoFile)
	}
	if _, err := os.Stat(filepath.Dir(path)); err == nil {
		t.Error("the folder was created")
	}
}

// An inspector must see the same settings as the service.
func TestFactsMatchTheService(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		f, err := open(t, db.URL, testkit.Builtin(t)).Facts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		switch db.Name {
		case "sqlite":
			if f.Product != "SQLite" || f.Synchronous != 2 || f.JournalMode != "wal" || !strings.HasPrefix(f.Version, "3.") || !f.Clock.IsZero() {
				t.Errorf("got %+v", f)
			}
		default:
			if f.Product != "PostgreSQL" || f.Fsync != db.Text(t, `SHOW fsync`) || f.Schema.String != "public" || !f.MayCreate.Bool || time.Since(f.Clock).Abs() > time.Minute {
				t.Errorf("got %+v", f)
			}
		}
	})
}

func TestFactsOfAConnectionWithOtherSettings(t *testing.T) {
	url := testkit.Postgres(t) + "&synchronous_commit=off&default_transaction_read_only=on&search_path=nowhere"
	f, err := open(t, url, testkit.Builtin(t)).Facts(t.Context())
	if err != nil || f.SynchronousCommit != "off" || !f.ReadOnly || f.Schema.Valid {
		t.Errorf("got %+v %v", f, err)
	}
}

// A database that resetd shares with an application may be locked by it.
func TestStatementsDoNotWaitLongForALock(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel() // most of it is waiting
		lock, at := []string{"BEGIN", "LOCK TABLE users"}, db.URL
		if db.Name == "sqlite" {
			lock, at = []string{"BEGIN IMMEDIATE"}, "file:"+strings.TrimPrefix(db.URL, "sqlite:")
		}
		holder, err := sql.Open(db.Name, at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = holder.Close() }()
		holder.SetMaxOpenConns(1)
		for _, statement := range lock {
			if _, err := holder.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		faults := open(t, db.URL, testkit.Builtin(t)).Try(t.Context(), inspect.Subject{}, time.Now())
		if len(faults) != 1 || faults[0].Name != "find" || faults[0].Advice == "" {
			t.Errorf("got %v, want a fault of find with advice about the lock", faults)
		}
	})
}
