package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"resetd/internal/store/inspect"
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
func (i *inspection) connect(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	db, err := inspect.Open(i.Config.DatabaseURL, i.Config.Accounts)
	if errors.Is(err, inspect.ErrNoFile) {
		i.noDB = "the database does not exist yet"
		return []finding{i.missingFile()}
	}
	if err != nil {
		i.noDB = "the database can't be opened"
		return []finding{wrong(err.Error())}
	}
	took, err := db.Answers(ctx)
	if err == nil {
		i.facts, err = db.Facts(ctx)
	}
	if err == nil {
		i.schema, err = db.Schema(ctx)
	}
	if err != nil {
		_ = db.Close()
		i.noDB = "the database does not answer"
		return []finding{wrong(err.Error())}
	}
	i.db = db
	return append(judgeServer(i.facts, took), judgeFile(i.Config.DatabaseURL)...)
}

// judgeFile checks who can read an SQLite file, and the files that SQLite keeps
// beside it.
func judgeFile(databaseURL string) (found []finding) {
	path, lite := strings.CutPrefix(databaseURL, "sqlite:")
	if !lite {
		return nil
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			found = append(found, wrong(err.Error()))
		case info.Mode().Perm()&0o077 != 0:
			found = append(found, note(fmt.Sprintf("other users of this machine can read %s (mode %04o), which contains addresses and password hashes; unless another program needs that, run: chmod 600 %s", name, info.Mode().Perm(), name)))
		}
	}
	return found
}

// missingFile judges a missing SQLite file. The first start creates it. A new file is
// wrong for the accounts of an application, because it does not contain them.
func (i *inspection) missingFile() finding {
	path := strings.TrimPrefix(i.Config.DatabaseURL, "sqlite:")
	if !i.Config.Builtin && !i.invalid["RESETD_ACCOUNTS"] {
		return wrong(path + " does not exist, but RESETD_ACCOUNTS expects an application's accounts in it; correct RESETD_DATABASE_URL")
	}
	if err := tryCreate(path); err != nil {
		return wrong(fmt.Sprintf("%s does not exist and can't be created: %s; correct RESETD_DATABASE_URL or the folder's permissions", path, err))
	}
	return ok(path + " does not exist yet; the first start creates it")
}

func judgeServer(f inspect.Facts, took time.Duration) []finding {
	var found []finding
	name := f.Product + " " + f.Version
	switch {
	case f.Product != "PostgreSQL":
	case f.Number < oldestPostgres*10000:
		found = append(found, wrong(fmt.Sprintf("%s is too old; upgrade it to %d or newer", name, oldestPostgres)))
	case f.Encoding != "UTF8":
		found = append(found, wrong(fmt.Sprintf("the database has the encoding %s, which can't store every name and address; create a new database with ENCODING 'UTF8'", f.Encoding)))
	case f.ReadOnly:
		found = append(found, wrong("the database is read-only, perhaps because it is a standby; set RESETD_DATABASE_URL to the primary"))
	}
	if len(found) == 0 {
		found = append(found, ok(fmt.Sprintf("%s, answers in %s", name, milliseconds(took))))
	}
	return found
}

func milliseconds(d time.Duration) string {
	if d < time.Millisecond {
		return "less than 1 ms"
	}
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

// durability checks that a commit survives a power cut.
func (i *inspection) durability(context.Context) []finding {
	if i.facts.Product == "PostgreSQL" {
		return judgePostgres(i.facts)
	}
	return judgeSQLite(i.facts)
}

func judgePostgres(f inspect.Facts) (found []finding) {
	for _, s := range []struct{ name, value, why string }{
		{"fsync", f.Fsync, "a power cut can destroy the whole database"},
		{"full_page_writes", f.FullPageWrites, "a power cut can tear pages"},
		{"synchronous_commit", f.SynchronousCommit, "a power cut can bring a used link back to life"},
	} {
		if s.value == "off" {
			found = append(found, wrong(fmt.Sprintf("%s is off: %s; set it to on in postgresql.conf", s.name, s.why)))
		}
	}
	if len(found) == 0 {
		found = append(found, ok("fsync and full_page_writes are on, synchronous_commit is "+f.SynchronousCommit))
	}
	return found
}

func judgeSQLite(f inspect.Facts) []finding {
	const full = 2 // the value of PRAGMA synchronous for FULL
	switch {
	case f.Synchronous < full:
		return []finding{wrong("SQLite does not wait for the disk at a commit (synchronous is below FULL); this is a bug in resetd")}
	case f.JournalMode != "wal":
		return []finding{note("the journal mode is " + f.JournalMode + "; resetd changes it to wal, for every program that uses the file")}
	default:
		return []finding{ok("the journal mode is wal, synchronous is FULL")}
	}
}

// clock compares the clock of this machine, which resetd uses, with the clock of the
// database server.
func (i *inspection) clock(ctx context.Context) []finding {
	if i.facts.Clock.IsZero() {
		return []finding{ok("the database is on this machine")}
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	before := i.Now()
	f, err := i.db.Facts(ctx)
	after := i.Now()
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	return []finding{judgeSkew(before.Add(after.Sub(before) / 2).Sub(f.Clock))}
}

func judgeSkew(ahead time.Duration) finding {
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	difference := ahead.Abs().Round(time.Second)
	if difference > maxSkew {
		return wrong(fmt.Sprintf("this machine's clock is %s %s the database's: links would expire too early or too late; synchronize both clocks with NTP", difference, direction))
	}
	return ok("agrees with the database's clock")
}
