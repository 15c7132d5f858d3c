package testkit

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver registers itself
	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"  // the driver registers itself
	_ "modernc.org/sqlite" // the driver registers itself

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/users"
)

// Migrated opens a database with the built-in accounts and creates its tables.
func Migrated(ctx context.Context, databaseURL string) (*store.Store, error) {
	directory, err := accounts.Load(accounts.Builtin)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(databaseURL, directory)
	if err != nil {
		return nil, err
	}
	if err := s.MigrateUp(ctx, true); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Connect opens a database for plain SQL.
func Connect(databaseURL string) (*sqlx.DB, error) {
	if path, lite := strings.CutPrefix(databaseURL, "sqlite:"); lite {
		return sqlx.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	}
	if strings.HasPrefix(databaseURL, "mysql:") {
		u, err := url.Parse(databaseURL)
		if err != nil {
			return nil, err
		}
		return sqlx.Open("mysql", u.User.String()+"@tcp("+u.Host+")"+u.Path+"?parseTime=true&multiStatements=true&collation=utf8mb4_general_ci")
	}
	return sqlx.Open("postgres", databaseURL)
}

// Email returns the address of one of many accounts.
func Email(n int) string { return fmt.Sprintf("user%d@example.org", n) }

// AddUsers adds built-in accounts with the addresses Email(0) to Email(n-1) and the
// password Password.
func AddUsers(ctx context.Context, s *store.Store, n int) ([]users.User, error) {
	all := make([]users.User, n)
	for i := range all {
		address, err := reset.ParseAddress(Email(i))
		if err != nil {
			return nil, err
		}
		all[i] = users.New(address, "Example User", PasswordHash, time.Now())
	}
	for part := range slices.Chunk(all, 1000) {
		if err := s.AddUsers(ctx, part); err != nil {
			return nil, err
		}
	}
	return all, nil
}
