package check

import (
	"context"
	"fmt"
	"strings"

	"resetd/internal/store"
	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
)

// tables checks that all migrations are applied.
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

// judgeSchema judges a first schema of the search_path that resetd can't use. PostgreSQL
// would use the next schema, and so mix resetd's tables with the application's.
func judgeSchema(s sqldb.Schema) finding {
	if !s.Made && s.MayMake {
		return wrong(fmt.Sprintf("the schema %s, the first in search_path, does not exist; run `resetd migrate up` (serve also does this, unless --no-migrate is set)", s.Quoted))
	}
	return wrong(fmt.Sprintf("resetd can't use the schema %s, the first in search_path; ask the owner of the database to run %s", s.Quoted, s.Line()))
}

func judgeTables(t inspect.Tables, f inspect.Facts) finding {
	postgres := f.Product == "PostgreSQL"
	switch {
	case postgres && !f.Schema.Valid:
		return wrong("no schema of the search_path exists; create one with CREATE SCHEMA, or set search_path in RESETD_DATABASE_URL")
	case t.Other:
		return wrong(store.ErrOtherBuild.Error())
	case t.Newer:
		return wrong(store.ErrNewer.Error())
	case len(t.Taken) > 0:
		return wrong("another application has tables with names that resetd needs: " + strings.Join(t.Taken, ", ") + "; " + nameAdvice(postgres))
	case len(t.Pending) == 0:
		return ok(fmt.Sprintf("up to date, %d migrations", t.Applied))
	case postgres && !f.MayCreate.Bool:
		return wrong(fmt.Sprintf("%s, and the user may not create tables; GRANT CREATE ON SCHEMA %s, then run `resetd migrate up`", missing(t), f.Schema.String))
	default:
		return wrong(missing(t) + "; run `resetd migrate up` (serve also does this, unless --no-migrate is set)")
	}
}

// nameAdvice returns how to resolve a conflict of table names.
func nameAdvice(postgres bool) string {
	if postgres {
		return "give resetd its own schema and put it first in the search_path of RESETD_DATABASE_URL"
	}
	return "rename these tables, and change the application accordingly"
}

func missing(t inspect.Tables) string {
	if t.Applied == 0 {
		return "there are no tables yet"
	}
	if len(t.Pending) == 1 {
		return t.Pending[0] + " is missing"
	}
	return fmt.Sprintf("%d migrations are missing, starting with %s", len(t.Pending), t.Pending[0])
}
