package sqldb_test

import (
	"context"
	"errors"
	"testing"

	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

// A caller who gives up must not read what the transaction still changes. The race
// detector sees it.
func TestTransactionIsOverWhenItsCallerGoesOn(t *testing.T) {
	for _, url := range []string{testkit.SQLite(t), testkit.Postgres(t)} {
		pool, err := sqldb.Open(url)
		must(t, err)
		defer func() { _ = pool.Close() }()
		ctx, giveUp := context.WithCancel(t.Context())
		result := 0
		err = pool.InBatch(ctx, func(sqldb.DB) error {
			giveUp()
			result = 1
			return nil
		})
		if (err != nil && !errors.Is(err, context.Canceled)) || result != 1 {
			t.Errorf("result %d, %v", result, err)
		}
	}
}
