package check

import (
	"context"
	"fmt"
	"strings"

	"resetd/internal/store"
	"resetd/internal/store/inspect"
	"resetd/internal/words"
)

// tables checks that all migrations are applied, and that resetd can use the first
// schema of the search_path. Otherwise PostgreSQL would use the next schema, and so mix
// resetd's tables with the application's.
func (i *inspection) tables(ctx context.Context) results {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	t, err := i.db.Tables(ctx, i.Config.Builtin)
	i.noKeys = err != nil || t.Applied == 0 || t.Other
	if err != nil {
		return failed(err)
	}
	i.behind = len(t.Pending) > 0
	if i.Fresh && t.Applied == 0 && !t.Other && len(t.Taken) == 0 && i.schema.Usable() {
		return note("there are none yet; serve creates them when it starts")
	}
	switch s := i.schema; {
	case s.Usable():
		return judgeTables(t, i.facts)
	case !s.Made && s.MayMake:
		return wrong("the schema %s, the first in search_path, does not exist; %s", s.Quoted, migrate)
	default:
		return wrong("resetd can't use the schema %s, the first in search_path; ask the owner of the database to run %s", s.Quoted, s.Line())
	}
}

const migrate = "run `resetd migrate up` (serve also does this, unless --no-migrate is set)"

func judgeTables(t inspect.Tables, f inspect.Facts) results {
	postgres := f.Product == "PostgreSQL"
	advice := "rename these tables, and change the application accordingly"
	if postgres {
		advice = "give resetd its own schema and put it first in the search_path of RESETD_DATABASE_URL"
	}
	switch {
	case postgres && !f.Schema.Valid:
		return wrong("no schema of the search_path exists; create one with CREATE SCHEMA, or set search_path in RESETD_DATABASE_URL")
	case t.Other:
		return failed(store.ErrOtherBuild)
	case t.Newer:
		return failed(store.ErrNewer)
	case len(t.Taken) > 0:
		return wrong("another application has tables with names that resetd needs: %s; %s", strings.Join(t.Taken, ", "), advice)
	case len(t.Pending) == 0:
		return ok("up to date, %s", words.Count(t.Applied, "migration", "migrations"))
	case postgres && !f.MayCreate.Bool:
		return wrong("%s, and the user may not create tables; GRANT CREATE ON SCHEMA %s TO its role, then run `resetd migrate up`", missing(t), f.Schema.String)
	default:
		return wrong("%s; %s", missing(t), migrate)
	}
}

func missing(t inspect.Tables) string {
	switch {
	case t.Applied == 0:
		return "there are no tables yet"
	case len(t.Pending) == 1:
		return t.Pending[0] + " is missing"
	default:
		return fmt.Sprintf("%d migrations are missing, starting with %s", len(t.Pending), t.Pending[0])
	}
}
