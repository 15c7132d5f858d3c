package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"resetd/internal/testkit/postgres"
)

// errNotDone: a part can't run on this machine. It is reported and is not a failure.
var errNotDone = errors.New("not done")

// part is one kind of fault on one database.
type part struct {
	database, name string
	run            func(ctx context.Context, p part) (*trial, error)
}

func (s *stand) parts() []part {
	return []part{
		{"SQLite", "kills", s.kills},
		{"SQLite", "full disk", s.fullDisk},
		{"SQLite", "clock", s.clockSteps},
		{"PostgreSQL", "kills", s.kills},
		{"PostgreSQL", "stops", s.serverStops},
		{"PostgreSQL", "clock", s.clockSteps},
	}
}

// wanted reports whether -only names a part.
func (p part) wanted(only string) bool {
	names := []string{"", p.database, p.name, p.database + "/" + p.name}
	for name := range strings.SplitSeq(only, ",") {
		name = strings.TrimSpace(name)
		if slices.ContainsFunc(names, func(ours string) bool { return strings.EqualFold(name, ours) }) {
			return true
		}
	}
	return false
}

// stand is the environment of the parts.
type stand struct {
	options
	dir     string
	cluster *postgres.Cluster // nil until it is needed
	stepped string            // the program with a clock that can be stepped; empty until it is needed
}

func (s *stand) close() {
	if s.cluster != nil {
		_ = s.cluster.Close()
	}
	_ = os.RemoveAll(s.dir)
}

// newDatabase creates an empty database for a part and returns its URL.
func (s *stand) newDatabase(ctx context.Context, p part) (string, error) {
	name := strings.ReplaceAll(p.name, " ", "_")
	if p.database == "SQLite" {
		return "sqlite:" + filepath.Join(s.dir, name, "chaos.db"), nil
	}
	if s.cluster == nil {
		var err error
		s.cluster, err = postgres.Start(ctx, postgres.Options{Durable: true})
		if errors.Is(err, postgres.ErrNoServer) {
			return "", fmt.Errorf("%w: %w", errNotDone, err)
		}
		if err != nil {
			return "", err
		}
	}
	db, err := sql.Open("postgres", s.cluster.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "CREATE DATABASE chaos_"+name)
	return s.cluster.URL("chaos_" + name), err
}

func (s *stand) kills(ctx context.Context, p part) (*trial, error) {
	t, err := s.newTrial(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	return t, t.run(ctx, t.killing)
}

func (s *stand) serverStops(ctx context.Context, p part) (*trial, error) {
	t, err := s.newTrial(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	return t, t.run(ctx, func(ctx context.Context) error { return t.stopping(ctx, s.cluster) })
}

func (s *stand) fullDisk(ctx context.Context, p part) (*trial, error) {
	dir := filepath.Join(s.dir, "full_disk")
	if err := mountSmall(ctx, dir); err != nil {
		return nil, err
	}
	defer unmount(ctx, dir)
	t, err := s.newTrial(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	return t, t.run(ctx, func(ctx context.Context) error { return t.filling(ctx, dir) })
}

func (s *stand) clockSteps(ctx context.Context, p part) (*trial, error) {
	if s.stepped == "" {
		var err error
		if s.stepped, err = buildStepped(ctx, s.dir); err != nil {
			return nil, err
		}
	}
	c, err := newClock(s.dir)
	if err != nil {
		return nil, err
	}
	t, err := s.newTrial(ctx, p, c)
	if err != nil {
		return nil, err
	}
	return t, t.run(ctx, t.stepping)
}
