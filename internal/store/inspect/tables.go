package inspect

import (
	"context"
	"slices"

	"resetd/migrations"
)

// Tables compares the existing tables with those that this binary needs.
type Tables struct {
	Applied int
	Pending []string // files, oldest first
	Newer   bool     // the database has migrations that this binary does not know
	Other   bool     // a build with another schema made the tables, see ErrOtherBuild
	Taken   []string // names that resetd needs and another application uses
}

// Tables reads the versions without goose, which would create its table first.
func (i *Inspector) Tables(ctx context.Context, builtin bool) (t Tables, err error) {
	var names []string
	if err := i.pool.List(ctx, &names, i.pool.Dialect.Tables); err != nil {
		return t, explainRead(err)
	}
	for _, of := range migrations.Sets(builtin) {
		applied, err := i.versions(ctx, of, names)
		if err != nil {
			return t, err
		}
		if len(applied) == 0 {
			t.Taken = append(t.Taken, of.TablesIn(names)...)
		} else if same, err := i.pool.SameSchema(ctx, of, names); err != nil {
			return t, explain(err)
		} else if !same {
			t.Other = true
		}
		files, err := of.Files(i.pool.Dialect.Migrations)
		if err != nil {
			return t, explain(err)
		}
		t.compare(files, applied)
	}
	return t, nil
}

// versions returns the applied versions, without goose's own version 0.
func (i *Inspector) versions(ctx context.Context, of migrations.Set, names []string) (applied []int64, err error) {
	if !slices.Contains(names, of.Versions) {
		return nil, nil
	}
	query := `SELECT version_id FROM ` + of.Versions + ` WHERE is_applied AND version_id > 0`
	return applied, explainRead(i.pool.List(ctx, &applied, query))
}

func (t *Tables) compare(files []migrations.File, applied []int64) {
	newest := int64(0)
	for _, f := range files {
		newest = f.Version
		if !slices.Contains(applied, f.Version) {
			t.Pending = append(t.Pending, f.Name)
		}
	}
	t.Applied += len(applied)
	t.Newer = t.Newer || (len(applied) > 0 && slices.Max(applied) > newest)
}
