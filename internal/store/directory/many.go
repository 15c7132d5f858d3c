package directory

import (
	"context"
	"errors"
	"strconv"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// FindEach implements reset.Directory. One statement finds the accounts of many
// addresses, where the database and the statement find allow it.
func (d Accounts) FindEach(ctx context.Context, all []reset.Address) (found [][]reset.Account, err error) {
	if d.db.Dialect.Lateral && d.directory.FindMany && len(all) > 1 {
		if found, err = d.findMany(ctx, all); !errors.Is(err, sqldb.ErrCharset) {
			return found, d.directory.note("find", err)
		}
	}
	found = make([][]reset.Account, len(all))
	for i, a := range all {
		if a == (reset.Address{}) {
			continue
		}
		if found[i], err = d.FindAccounts(ctx, a); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// typedRow is the place of an address in the list, and the parameters of find.
var typedRow = sqldb.RowTemplate{Text: `($1, $2, $3, $4)`, Width: 4}

type foundRow struct {
	Place string `db:"place"`
	accountRow
}

func (d Accounts) findMany(ctx context.Context, all []reset.Address) ([][]reset.Account, error) {
	places := make([]int, 0, len(all)) // of the addresses to look up
	for i, a := range all {
		if a != (reset.Address{}) {
			places = append(places, i)
		}
	}
	found := make([][]reset.Account, len(all))
	for part := range sqldb.Chunks(places) {
		var args []any
		for _, i := range part {
			args = append(args, strconv.Itoa(i), all[i].Typed, all[i].Folded, all[i].Normal)
		}
		var rows []foundRow
		err := d.db.List(ctx, &rows, `
			WITH typed (place, typed, folded, normal) AS (VALUES `+typedRow.Times(len(part), 0)+`)
			SELECT place, found.* FROM typed CROSS JOIN LATERAL (`+d.directory.Find.With(d.db.Dialect.Syntax, "typed.typed", "typed.folded", "typed.normal")+"\n) AS found", args...)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			i, _ := strconv.Atoi(r.Place)
			found[i] = append(found[i], r.account())
		}
	}
	for i, a := range all {
		found[i] = accounts.Match(a, found[i])
	}
	return found, nil
}
