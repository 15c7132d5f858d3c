// Package search measures the support pages among millions of resets.
package search

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/tools/measure/wire"
)

type options struct {
	postgres, sqlite int
	times            int
	only             string
	at               string
}

// Run fills each kind of database, starts the program on it, and requests each page like
// a staff member: over HTTP, signed in, one request after the other. It fails if a limit
// is exceeded.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure search", flag.ExitOnError)
	flags.IntVar(&o.postgres, "postgres", 10_000_000, "how many resets PostgreSQL has; 0: leave it out")
	flags.IntVar(&o.sqlite, "sqlite", 1_000_000, "how many resets SQLite has; 0: leave it out")
	flags.IntVar(&o.times, "times", 200, "how often each page is requested, at most")
	flags.StringVar(&o.only, "only", "", "only pages whose name contains this")
	flags.StringVar(&o.at, "at", "", "the `URL` of a database to keep: an empty one, which is filled, or one that was filled with as many resets before")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.at != "" {
		return o.kept(ctx)
	}
	dir, err := os.MkdirTemp("", "resetd-measure-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	missed := 0
	if o.postgres > 0 {
		url, drop, err := testkit.NewPostgres(ctx, "")
		if err != nil {
			return err
		}
		defer drop()
		n, err := o.on(ctx, "PostgreSQL", url, o.postgres)
		if missed += n; err != nil {
			return fmt.Errorf("PostgreSQL: %w", err)
		}
	}
	if o.sqlite > 0 {
		n, err := o.on(ctx, "SQLite", "sqlite:"+filepath.Join(dir, "search.db"), o.sqlite)
		if missed += n; err != nil {
			return fmt.Errorf("SQLite: %w", err)
		}
	}
	return verdict(missed)
}

// kept measures the pages on a database of the user's.
func (o options) kept(ctx context.Context) error {
	product, resets := "PostgreSQL", o.postgres
	if strings.HasPrefix(o.at, "sqlite:") {
		product, resets = "SQLite", o.sqlite
	}
	missed, err := o.on(ctx, product, o.at, resets)
	return errors.Join(err, verdict(missed))
}

func verdict(missed int) error {
	if missed > 0 {
		return fmt.Errorf("%d limits are exceeded", missed)
	}
	return nil
}

// on measures all pages on one database and returns how many limits were exceeded.
func (o options) on(ctx context.Context, product, url string, resets int) (missed int, err error) {
	began := time.Now()
	w, err := prepare(ctx, url, resets)
	if err != nil {
		return 0, err
	}
	fmt.Printf("\n%s, %d resets (filled in %s)\n%-58s %9s %9s %9s %6s\n", product, resets, time.Since(began).Round(time.Second), "", "p50 ms", "p99 ms", "limit", "ratio")
	running, err := instance.Start(ctx, "bin/resetd", map[string]string{
		"RESETD_DATABASE_URL": url, "RESETD_MAIL_URL": "console:", "RESETD_RETENTION": "0",
		"RESETD_SECRET_KEY": base64.StdEncoding.EncodeToString([]byte("a key that this measurement alone has")),
	}, "serve", "--no-migrate")
	if err != nil {
		return 0, err
	}
	defer running.Stop()
	member, err := signIn(ctx, running.URL)
	if err != nil {
		return 0, err
	}
	for _, q := range w.questions() {
		if !strings.Contains(q.name, o.only) {
			continue
		}
		ok, err := o.ask(ctx, member, q)
		if err != nil {
			return missed, fmt.Errorf("%s: %w", q.name, err)
		}
		if !ok {
			missed++
		}
	}
	return missed, nil
}

// prepare creates the tables, the rows, the sums of the hours and a staff member. A
// database that has resets stays as it is.
func prepare(ctx context.Context, url string, resets int) (world, error) {
	now := time.Now().UTC()
	s, err := testkit.Migrated(ctx, url)
	if err != nil {
		return world{}, err
	}
	defer func() { _ = s.Close() }()
	w := newWorld(resets, now)
	if oldest, err := s.UnsummedSince(ctx); err != nil || !oldest.IsZero() {
		return w, err
	}
	err = s.AddMember(ctx, staff.Member{ID: uuid.New(), Name: name, Role: staff.Viewer, PasswordHash: testkit.PasswordHash, Active: true, CreatedAt: now})
	if err != nil {
		return world{}, err
	}
	return w, errors.Join(fill(ctx, url, w), s.SumHours(ctx, now.AddDate(-1, 0, 0), now))
}

// warmUps is the number of requests that are not measured. They load the page's data
// into memory.
const warmUps = 3

// patience limits the time for one row of the table.
const patience = 30 * time.Second

// ask requests a page many times and prints its times.
func (o options) ask(ctx context.Context, member *member, q question) (ok bool, err error) {
	path, name, err := member.follow(ctx, q)
	if err != nil {
		return false, err
	}
	for range warmUps {
		if _, _, err := member.get(ctx, path); err != nil {
			return false, err
		}
	}
	var took []time.Duration
	for began := time.Now(); len(took) < o.times && (len(took) < 10 || time.Since(began) < patience); {
		d, _, err := member.get(ctx, path)
		if err != nil {
			return false, err
		}
		if q.first {
			d.whole = d.first
		}
		took = append(took, d.whole)
	}
	p50, p99, limit := wire.Percentile(took, 50), wire.Percentile(took, 99), q.limit.Seconds()*1000
	verdict := ""
	if ok = p99 <= limit; !ok {
		verdict = "  missed"
	}
	fmt.Printf("%-58s %9.1f %9.1f %9.0f %6.2f%s\n", name, p50, p99, limit, p99/limit, verdict)
	return ok, nil
}
