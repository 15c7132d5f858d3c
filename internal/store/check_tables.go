package store

import (
	"context"
	"io/fs"
	"path"
	"slices"

	"github.com/pressly/goose/v3"

	"resetd/migrations"
)

// Tables is how the tables compare with what this binary needs.
type Tables struct {
	Applied int
	Pending []string // files, oldest first
	Newer   bool     // the database has migrations that this binary does not know
	Other   bool     // the tables were made by a build whose schema differs, see ErrOtherBuild
	Taken   []string // names that resetd needs and another application has
}

// Tables reads the versions. Goose is not asked: it would make its table first.
func (i *Inspector) Tables(ctx context.Context, builtin bool) (t Tables, err error) {
	var names []string
	if err := i.s.pool.SelectContext(ctx, &names, i.s.dialect.tables); err != nil {
		return t, explain(err)
	}
	for _, of := range sets(builtin) {
		applied, err := i.versions(ctx, of, names)
		if err != nil {
			return t, err
		}
		if len(applied) == 0 {
			t.Taken = append(t.Taken, common(of.tables, names)...)
		} else if same, err := i.s.sameSchema(ctx, of, names); err != nil {
			return t, explain(err)
		} else if !same {
			t.Other = true
		}
		if err := t.compare(path.Join(i.s.dialect.migrations, of.folder), of.folder, applied); err != nil {
			return t, explain(err)
		}
	}
	return t, nil
}

// versions are those that the database has, without goose's own zero.
func (i *Inspector) versions(ctx context.Context, of set, names []string) (applied []int64, err error) {
	if !slices.Contains(names, of.table) {
		return nil, nil
	}
	query := `SELECT version_id FROM ` + of.table + ` WHERE is_applied AND version_id > 0`
	return applied, explain(i.s.pool.SelectContext(ctx, &applied, query))
}

func (t *Tables) compare(dir, folder string, applied []int64) error {
	files, err := fs.ReadDir(migrations.FS, dir)
	if err != nil {
		return err
	}
	newest := int64(0)
	for _, f := range files {
		version, err := goose.NumericComponent(f.Name())
		if err != nil { // a folder, which is a set of its own
			continue
		}
		newest = max(newest, version)
		if !slices.Contains(applied, version) {
			t.Pending = append(t.Pending, path.Join(folder, f.Name()))
		}
	}
	t.Applied += len(applied)
	t.Newer = t.Newer || (len(applied) > 0 && slices.Max(applied) > newest)
	return nil
}

func common(ours, names []string) (taken []string) {
	for _, name := range ours {
		if slices.Contains(names, name) {
			taken = append(taken, name)
		}
	}
	return taken
}
