package check

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
	"resetd/internal/words"
)

const (
	// databaseTimeout limits each query, in case the database does not answer.
	databaseTimeout = 5 * time.Second
	// oldestPostgres is the oldest major version that still gets security updates.
	oldestPostgres = 14
	// maxSkew is the largest accepted difference between the clocks.
	maxSkew = 5 * time.Second
)

// connect opens the database for this check and for the checks after it.
func (i *inspection) connect(ctx context.Context) results {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	db, err := inspect.Open(i.Config.DatabaseURL, i.Config.Accounts)
	if errors.Is(err, inspect.ErrNoFile) {
		i.noDB = "the database does not exist yet"
		return i.missingFile()
	}
	found := i.examine(ctx, db, err)
	if i.db == nil {
		return found
	}
	return append(found, judgeFile(i.Config.DatabaseURL)...)
}

// examine asks a database that was opened, or not, for its settings.
func (c *connection) examine(ctx context.Context, db *inspect.Inspector, err error) results {
	if err != nil {
		c.noDB = "the database can't be opened"
		return failed(err)
	}
	took, err := db.Answers(ctx)
	if err == nil {
		c.facts, err = db.Facts(ctx)
	}
	if err == nil {
		c.schema, err = db.Schema(ctx)
	}
	if err != nil {
		_ = db.Close()
		c.noDB = "the database does not answer"
		return failed(err)
	}
	c.db = db
	return judgeServer(c.facts, took)
}

// judgeFile checks who can read an SQLite file, and the files that SQLite keeps
// beside it.
func judgeFile(databaseURL string) (found results) {
	path, lite := strings.CutPrefix(databaseURL, "sqlite:")
	if !lite {
		return nil
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			found = append(found, failed(err)...)
		case info.Mode().Perm()&0o077 != 0:
			found = append(found, note("other users of this machine can read %s (mode %04o), which contains addresses and password hashes; unless another program needs that, run: chmod 600 %s", name, info.Mode().Perm(), name)...)
		}
	}
	return found
}

// missingFile judges a missing SQLite file. The first start creates it. A new file is
// wrong for the accounts of an application, because it does not contain them.
func (i *inspection) missingFile() results {
	path := strings.TrimPrefix(i.Config.DatabaseURL, "sqlite:")
	if !i.Config.Builtin && !i.invalid["RESETD_ACCOUNTS"] && i.Config.AccountsURL == "" {
		return wrong("%s does not exist%s, but RESETD_ACCOUNTS expects an application's accounts in it; correct RESETD_DATABASE_URL", path, sqldb.InFolder(path))
	}
	if err := tryCreate(path); err != nil {
		return wrong("%s does not exist and can't be created: %s; correct RESETD_DATABASE_URL or the folder's permissions", path, err)
	}
	return ok("%s does not exist yet%s; the first start creates it", path, sqldb.InFolder(path))
}

func judgeServer(f inspect.Facts, took time.Duration) results {
	postgres, name := f.Product == "PostgreSQL", f.Product+" "+f.Version
	switch {
	case postgres && f.Number < oldestPostgres*10000:
		return wrong("%s is too old; upgrade it to %d or newer", name, oldestPostgres)
	case postgres && f.Encoding != "UTF8":
		return wrong("the database has the encoding %s, which can't store every name and address; create a new database with ENCODING 'UTF8'", f.Encoding)
	case f.ReadOnly:
		return wrong("the database is read-only, perhaps because it is a standby; set RESETD_DATABASE_URL to the primary")
	case took < time.Millisecond:
		return ok("%s, answers in less than 1 ms", name)
	default:
		return ok("%s, answers in %d ms", name, took.Round(time.Millisecond).Milliseconds())
	}
}

// durability checks that a commit survives a power cut.
func (i *inspection) durability(context.Context) results {
	if i.facts.Product == "PostgreSQL" {
		return judgePostgres(i.facts)
	}
	return judgeSQLite(i.facts)
}

func judgePostgres(f inspect.Facts) (found results) {
	for _, s := range []struct{ name, value, why string }{
		{"fsync", f.Fsync, "a power cut can destroy the whole database"},
		{"full_page_writes", f.FullPageWrites, "a power cut can tear pages"},
		{"synchronous_commit", f.SynchronousCommit, "a power cut can bring a used link back to life"},
	} {
		if s.value == "off" {
			found = append(found, wrong("%s is off: %s; set it to on in postgresql.conf", s.name, s.why)...)
		}
	}
	return found.or(ok("fsync and full_page_writes are on, synchronous_commit is %s", f.SynchronousCommit))
}

func judgeSQLite(f inspect.Facts) results {
	const full = 2 // the value of PRAGMA synchronous for FULL
	switch {
	case f.Synchronous < full:
		return wrong("SQLite does not wait for the disk at a commit (synchronous is below FULL); this is a bug in resetd")
	case f.JournalMode != "wal":
		return note("the journal mode is %s; resetd changes it to wal, for every program that uses the file", f.JournalMode)
	default:
		return ok("the journal mode is wal, synchronous is FULL")
	}
}

// judgeOwnClock compares the clock with the newest reset, if no other clock is known. A
// clock that was set back makes links live too long.
func (i *inspection) judgeOwnClock(ctx context.Context) results {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	newest, err := i.db.Newest(ctx)
	if ahead := newest.Sub(i.Now()); err == nil && ahead > maxSkew {
		return wrong("the newest reset is of %s, which is %s after this machine's clock: the clock was set back; synchronize it with NTP", newest.Format("2006-01-02 15:04:05 MST"), words.Span(ahead))
	}
	return ok("the database is on this machine, and no reset is of the future")
}

// clock compares the clock of this machine, which resetd uses, with the clock of the
// database server.
func (i *inspection) clock(ctx context.Context) results {
	if i.facts.Clock.IsZero() {
		return i.judgeOwnClock(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	before := i.Now()
	f, err := i.db.Facts(ctx)
	after := i.Now()
	if err != nil {
		return failed(err)
	}
	ahead := before.Add(after.Sub(before) / 2).Sub(f.Clock)
	difference := ahead.Abs().Round(time.Second)
	if difference <= maxSkew {
		return ok("agrees with the database's clock")
	}
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	return wrong("this machine's clock is %s %s the database's, whose time the service uses until they agree; synchronize both clocks with NTP", words.Span(difference), direction)
}
