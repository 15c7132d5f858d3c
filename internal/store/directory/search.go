package directory

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// MaxSearched is how many accounts SearchAccounts returns.
const MaxSearched = 20

// CountAccounts counts the accounts that SearchAccounts would return without its limit, up to
// most. It counts no more than the statement returns if that has another limit than the
// presets have.
func (d Accounts) CountAccounts(ctx context.Context, part string, most int) (int, error) {
	limit := "LIMIT " + strconv.Itoa(MaxSearched)
	wider := strings.Replace(string(d.directory.Search), limit, "LIMIT "+strconv.Itoa(most), 1)
	found, err := d.Read(ctx, most, accounts.Statement(wider), part)
	return len(found), err
}

// SearchAccounts returns accounts with this part of a name or an address, as the
// statement search finds them; none without that statement. No reset needs it, so a
// failure does not count for Ready.
func (d Accounts) SearchAccounts(ctx context.Context, part string) ([]reset.Account, error) {
	if d.directory.Search == "" {
		return nil, nil
	}
	found, err := d.Read(ctx, MaxSearched, d.directory.Search, part)
	if errors.Is(err, sqldb.ErrCharset) && !reset.ASCII(part) {
		return nil, nil
	}
	if err != nil && !errors.Is(err, reset.ErrUnavailable) && ctx.Err() == nil {
		err = Failed("search", err)
	}
	return found, err
}
