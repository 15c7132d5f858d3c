package load

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"resetd/internal/password"
	"resetd/internal/testkit"
)

//go:embed pgbench/*.sql
var scripts embed.FS

// hashesPerSecond measures argon2id without the program, with the same parameters.
func hashesPerSecond(ctx context.Context, o options) (float64, error) {
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP, Queue: 1000})
	if err != nil {
		return 0, err
	}
	stop := time.Now().Add(o.duration / 2)
	r, err := repeat(ctx, 16, func(ctx context.Context, _ int) (time.Duration, bool, error) {
		if time.Now().After(stop) {
			return 0, true, nil
		}
		began := time.Now()
		_, err := hasher.Hash(ctx, password.ForReset, testkit.Password)
		return time.Since(began), false, err
	})
	return r.perSecond(), err
}

var tps = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// pgbench measures the database alone: a request as one statement, or as six.
func pgbench(ctx context.Context, o options, url, script string, conns int) (float64, error) {
	dir, err := os.MkdirTemp("", "resetd-pgbench-*")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	text, err := scripts.ReadFile("pgbench/" + script + ".sql")
	if err != nil {
		return 0, err
	}
	file := filepath.Join(dir, "script.sql")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-f", file,
		"-c", strconv.Itoa(conns), "-j", "2", "-T", strconv.Itoa(max(1, int(o.duration.Seconds()))), url).Output()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w", err)
	}
	found := tps.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench printed no tps: %s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// pgbenchTables makes the tables of the scripts.
func pgbenchTables(ctx context.Context, url string) error {
	text, err := scripts.ReadFile("pgbench/schema.sql")
	if err != nil {
		return err
	}
	db, err := testkit.Connect(url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, string(text))
	return err
}

// sqliteInserts measures SQLite alone: one insert for each transaction.
func sqliteInserts(ctx context.Context, o options, file string) (float64, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close(); _ = os.Remove(file) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE requests (id TEXT PRIMARY KEY, email TEXT NOT NULL)`); err != nil {
		return 0, err
	}
	began, n := time.Now(), 0
	for ; time.Since(began) < o.duration/2; n++ {
		if _, err := db.ExecContext(ctx, `INSERT INTO requests VALUES ($1, $2)`, strconv.Itoa(n), testkit.Email(n)); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
