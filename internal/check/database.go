package check

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"resetd/internal/store/inspect"
)

const (
	// databaseTimeout is for each question to a database that may not answer.
	databaseTimeout = 5 * time.Second
	// oldestPostgres is the oldest major version that its makers still mend.
	oldestPostgres = 14
	// mostSkew is how far apart the clocks may be.
	mostSkew = 5 * time.Second
)

// reach connects, for this check and for those after it.
func (i *inspection) reach(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	db, err := inspect.Open(i.Config.DatabaseURL, i.Config.Accounts)
	if errors.Is(err, inspect.ErrNoFile) {
		i.noDB = "there is no database yet"
		return []finding{i.noFile()}
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
	return judgeServer(i.facts, took)
}

// noFile: the first start makes it, if it can. An application's accounts would
// not be in there.
func (i *inspection) noFile() finding {
	path := strings.TrimPrefix(i.Config.DatabaseURL, "sqlite:")
	if !i.Config.Builtin && !i.unread["RESETD_ACCOUNTS"] {
		return wrong(path + " is not there, and RESETD_ACCOUNTS says that an application has its accounts in it; correct RESETD_DATABASE_URL")
	}
	if err := canMakeIn(path); err != nil {
		return wrong(fmt.Sprintf("%s is not there yet and can't be made: %s; correct RESETD_DATABASE_URL or the folder's rights", path, err))
	}
	return ok(path + " is not there yet; it will be made at the first start")
}

func judgeServer(f inspect.Facts, took time.Duration) []finding {
	var found []finding
	name := f.Product + " " + f.Version
	switch {
	case f.Product != "PostgreSQL":
	case f.Number < oldestPostgres*10000:
		found = append(found, wrong(fmt.Sprintf("%s is too old; upgrade it to %d or newer", name, oldestPostgres)))
	case f.Encoding != "UTF8":
		found = append(found, wrong(fmt.Sprintf("the database is encoded in %s and can't hold every name and address; make it anew with ENCODING 'UTF8'", f.Encoding)))
	case f.ReadOnly:
		found = append(found, wrong("it is read-only, a standby perhaps; name the primary in RESETD_DATABASE_URL"))
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

// durability: what resetd answered must outlive a power cut.
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
	const full = 2 // of PRAGMA synchronous
	switch {
	case f.Synchronous < full:
		return []finding{wrong("SQLite answers before the disk does (synchronous is below FULL): that is a bug of resetd's")}
	case f.JournalMode != "wal":
		return []finding{note("the journal mode is " + f.JournalMode + "; resetd changes it to wal, for every program that uses the file")}
	default:
		return []finding{ok("the journal mode is wal, synchronous is FULL")}
	}
}

// clock: times come from the machine that resetd runs on. Where it is not the
// database's, somebody's clock can be wrong.
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
	way := "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	apart := ahead.Abs().Round(time.Second)
	if apart > mostSkew {
		return wrong(fmt.Sprintf("this machine's clock is %s %s the database's: links would die early or late; set both by NTP", apart, way))
	}
	return ok("agrees with the database's")
}
