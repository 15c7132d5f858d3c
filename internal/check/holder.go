package check

import (
	"context"
	"errors"
	"strings"

	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
)

// connectAccounts opens the database of the accounts. Usually it is the record's.
func (i *inspection) connectAccounts(ctx context.Context) results {
	url := i.Config.AccountsURL
	if url == "" {
		i.users = i.connection
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	db, err := inspect.OpenAccounts(url, i.Config.Accounts)
	if errors.Is(err, inspect.ErrNoFile) {
		i.users.noDB = "the database of the accounts does not exist"
		path := strings.TrimPrefix(url, "sqlite:")
		return wrong("%s does not exist%s; correct %s", path, sqldb.InFolder(path), sqldb.OfAccounts)
	}
	return ofAccounts(append(i.users.examine(ctx, db, err), judgeFlush(i.users.facts)...))
}

// ofAccounts names the setting of the accounts' database in the place of the record's.
func ofAccounts(found results) results {
	for n := range found {
		found[n].Text = strings.ReplaceAll(found[n].Text, sqldb.OfRecord, sqldb.OfAccounts)
	}
	return found
}

// judgeFlush checks that a commit of MariaDB or MySQL survives a power cut.
func judgeFlush(f inspect.Facts) results {
	if f.MySQL() && f.FlushLog != 1 {
		return wrong("innodb_flush_log_at_trx_commit is %d: after a power cut the record may have a used link whose password is the old one; set it to 1", f.FlushLog)
	}
	return nil
}
