package check

import (
	"context"
	"fmt"
	"strings"

	"resetd/internal/store"
	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
)

// tables compares the migrations.
func (i *inspection) tables(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	t, err := i.db.Tables(ctx, i.Config.Builtin)
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	i.behind = len(t.Pending) > 0
	if !i.schema.Usable() {
		return []finding{judgeSchema(i.schema)}
	}
	return []finding{judgeTables(t, i.facts)}
}

// judgeSchema: PostgreSQL would go on to the next schema of the search_path, and
// resetd's tables would stand among the application's.
func judgeSchema(s sqldb.Schema) finding {
	if !s.Made && s.MayMake {
		return wrong(fmt.Sprintf("there is no schema %s, which search_path names first; run `resetd migrate up` (serve does it by itself, unless --no-migrate)", s.Quoted))
	}
	return wrong(fmt.Sprintf("the schema %s, which search_path names first, can't be used; have the database's owner run %s", s.Quoted, s.Line()))
}

func judgeTables(t inspect.Tables, f inspect.Facts) finding {
	postgres := f.Product == "PostgreSQL"
	switch {
	case postgres && !f.Schema.Valid:
		return wrong("no schema of the search_path exists; make one with CREATE SCHEMA, or set search_path in RESETD_DATABASE_URL")
	case t.Other:
		return wrong(store.ErrOtherBuild.Error())
	case t.Newer:
		return wrong(store.ErrNewer.Error())
	case len(t.Taken) > 0:
		return wrong("another application has tables under names that resetd needs: " + strings.Join(t.Taken, ", ") + "; " + apart(postgres))
	case len(t.Pending) == 0:
		return ok(fmt.Sprintf("up to date, %d migrations", t.Applied))
	case postgres && !f.MayCreate.Bool:
		return wrong(fmt.Sprintf("%s, and the user may make none: GRANT CREATE ON SCHEMA %s, then run `resetd migrate up`", missing(t), f.Schema.String))
	default:
		return wrong(missing(t) + "; run `resetd migrate up` (serve does it by itself, unless --no-migrate)")
	}
}

// apart is how resetd's tables and others of the same names can live together.
func apart(postgres bool) string {
	if postgres {
		return "give resetd a schema of its own, first in the search_path of RESETD_DATABASE_URL"
	}
	return "rename them, in the application too"
}

func missing(t inspect.Tables) string {
	if t.Applied == 0 {
		return "there are none yet"
	}
	if len(t.Pending) == 1 {
		return t.Pending[0] + " is missing"
	}
	return fmt.Sprintf("%d migrations are missing, %s the first", len(t.Pending), t.Pending[0])
}
