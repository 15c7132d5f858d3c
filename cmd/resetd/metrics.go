package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"resetd/internal/listen"
	"resetd/internal/metrics"
)

func newMetrics() *metrics.Metrics {
	number, commit, goVersion := buildVersion()
	return metrics.New(metrics.Build{Version: number, Commit: commit, Go: goVersion})
}

// measureDatabases measures the statements of both databases.
func (a *app) measureDatabases() {
	a.store.Pool().Observe = a.metrics.Statement(metrics.Record)
	if apart := a.store.AccountsPool(); apart != nil {
		apart.Observe = a.metrics.Statement(metrics.Accounts)
	}
}

// watch makes the metrics show the state of this app.
func (a *app) watch() {
	databases := map[string]func() sql.DBStats{metrics.Record: a.store.Pool().SQL().Stats}
	if apart := a.store.AccountsPool(); apart != nil {
		databases[metrics.Accounts] = apart.SQL().Stats
	}
	a.metrics.Watch(metrics.Sources{
		Ready: a.readiness.ready, MailServer: a.worker.ServerUp, Hashes: a.hasher.Waiting, Writers: a.intake.Waiting,
		Queue: a.store.Waits, Databases: databases, Now: a.now,
	})
}

// serveMetrics answers Prometheus on a listener of its own, if there is one. It returns a
// function that ends that.
func (a *app) serveMetrics(ctx context.Context) (stop func(), err error) {
	if a.cfg.MetricsAddr == "" {
		return func() {}, nil
	}
	listener, err := listen.At(ctx, a.cfg.MetricsAddr)
	if err != nil {
		return nil, fmt.Errorf("RESETD_METRICS_ADDR: listen on %s: %w", a.cfg.MetricsAddr, err)
	}
	server := &http.Server{Handler: a.metrics.Handler(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	log := a.log
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the metrics are not served any more", "error", err.Error())
		}
	}()
	log.Info("serving metrics", "addr", listener.Addr().String())
	return func() { _ = server.Close() }, nil
}
