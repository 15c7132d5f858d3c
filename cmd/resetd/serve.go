package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
)

const (
	// finishTimeout is how long open requests may take to finish after SIGTERM. Then
	// they are answered with 503.
	finishTimeout = 6 * time.Second
	// closeTimeout is when their connections are closed. Together with what is left to
	// do afterwards, the service stops within ten seconds, whatever its clients do.
	closeTimeout = finishTimeout + time.Second
	// stopPoll is how often a stopping service looks whether requests can finish.
	stopPoll = 200 * time.Millisecond
)

// heapGrowth is how far the heap grows before the garbage is collected, in percent
// of the memory in use. The service uses a few MiB, so with Go's default it would
// collect dozens of times a second under load.
const heapGrowth = 150

type serveCmd struct {
	NoMigrate bool `help:"Do not change the tables; fail if they are not up to date."`
}

// Run implements resetd serve.
func (cmd *serveCmd) Run(in *invocation) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	lines := newPatientLog(in.stderr)
	defer lines.Close()
	log := slog.New(slog.NewJSONHandler(lines, nil))
	reportUnknown(log)
	a, err := newApp(cfg, log, time.Now, in.stdout)
	if err != nil {
		return err
	}
	defer func() { _ = a.close() }()
	if err := a.waitForDatabase(in.ctx); err != nil {
		return err
	}
	if err := a.prepareDatabase(in.ctx, !cmd.NoMigrate); err != nil {
		return err
	}
	if err := a.noteKeys(in.ctx); err != nil {
		return err
	}
	return a.serve(in.ctx, func(addr string) {
		log.Info("serving", "addr", addr, "base_url", cfg.BaseURL.String(), "database", a.store.Dialect.Product, "accounts_database", a.accountsProduct(),
			"accounts", in.settings.Accounts, "mail", a.worker.Server(), "sign_up", cfg.SignUp,
			"limit_address", in.settings.LimitAddress, "limit_ip", in.settings.LimitIP, "limit_link", in.settings.LimitLink, "limit_signin", in.settings.LimitSignin)
	})
}

// accountsProduct returns which database has the accounts.
func (a *app) accountsProduct() string {
	if apart := a.store.AccountsPool(); apart != nil {
		return apart.Dialect.Product
	}
	return a.store.Dialect.Product
}

// reportUnknown logs each variable that looks like a setting and is none.
func reportUnknown(log *slog.Logger) {
	if err := config.Unknown(os.Environ()); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			log.Warn("unknown setting", "problem", line)
		}
	}
}

// waitForDatabase waits for a server that starts at the same time. It logs the first
// failure, and each minute.
func (a *app) waitForDatabase(ctx context.Context) error {
	var logged time.Time
	err := a.store.WaitUntilUp(ctx, func(err error) {
		if time.Since(logged) >= time.Minute {
			logged = time.Now()
			a.log.Warn("waiting for the database", "error", err)
		}
	})
	if err != nil {
		return aboutDatabase(err)
	}
	return nil
}

// noteKeys reports if the database was last used with another key: links that were
// made with it do not work here.
func (a *app) noteKeys(ctx context.Context) error {
	keys, err := a.cfg.SigningKeys()
	if err != nil {
		return err
	}
	same, err := a.store.NoteKeys(ctx, keys.Fingerprints(), a.now().UTC())
	if err == nil && !same {
		a.log.Error("RESETD_SECRET_KEY has not the key that this database was last used with, so links made with that key do not work here: " +
			"give all instances the same key, or list the old one after a comma")
	}
	return err
}

// serve answers requests until ctx is done. Then it finishes open requests and emails.
// It calls started when it listens.
func (a *app) serve(ctx context.Context, started func(addr string)) error {
	debug.SetGCPercent(heapGrowth)
	// Neither the end of a terminal nor a dead reader of the log ends the service.
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	a.readiness.once(ctx) // so that /readyz answers yes from the first moment
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", a.cfg.Addr, err)
	}
	requests, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	server := &http.Server{
		BaseContext:       func(net.Listener) context.Context { return requests },
		Handler:           a.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	background.Go(func() { a.worker.Run(ctx) }) // at the end it finishes the emails that it has begun
	background.Go(func() { a.sweep(working) })
	background.Go(func() { a.settleClaims(working) })
	background.Go(func() { a.readiness.run(working) })
	defer background.Wait()
	defer stop()

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	started(listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	return a.shutDown(server, func() {
		end(reset.ErrUnavailable)
		stop()
	})
}

// shutDown lets open requests finish. If the database does not answer they can't, and
// giveUp ends them: they are answered with 503. A client that is slower than all limits
// loses its connection.
func (a *app) shutDown(server *http.Server, giveUp func()) error {
	closing, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	go func() {
		for began := time.Now(); a.readiness.ready() && closing.Err() == nil && time.Since(began) < finishTimeout; {
			time.Sleep(stopPoll)
		}
		giveUp()
	}()
	err := server.Shutdown(closing)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
