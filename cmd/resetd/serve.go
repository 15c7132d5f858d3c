package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// shutdownTimeout is how long open requests may take to finish.
const shutdownTimeout = 20 * time.Second

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
	log := slog.New(slog.NewJSONHandler(in.stderr, nil))
	a, err := newApp(cfg, log, time.Now, in.stdout)
	if err != nil {
		return err
	}
	defer func() { _ = a.close() }()
	if err := a.prepareDatabase(in.ctx, !cmd.NoMigrate); err != nil {
		return err
	}
	return a.serve(in.ctx, func(addr string) {
		log.Info("serving", "addr", addr, "base_url", cfg.BaseURL.String())
	})
}

// serve answers requests until ctx is done. Then it finishes open requests and emails.
// It calls started when it listens.
func (a *app) serve(ctx context.Context, started func(addr string)) error {
	debug.SetGCPercent(heapGrowth)
	a.readiness.once(ctx) // so that /readyz answers yes from the first moment
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", a.cfg.Addr, err)
	}
	server := &http.Server{
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
	background.Go(func() { a.worker.Run(working) })
	background.Go(func() { a.sweep(working) })
	background.Go(func() { a.readiness.run(working) })
	defer background.Wait()
	defer stop() // after the last request, which may have queued an email

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	started(listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
