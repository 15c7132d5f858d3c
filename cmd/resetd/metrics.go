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
	"resetd/internal/reset"
	"resetd/internal/traces"
)

func newMetrics() *metrics.Metrics {
	number, commit, goVersion := buildVersion()
	return metrics.New(metrics.Build{Version: number, Commit: commit, Go: goVersion})
}

// measureDatabases measures the statements of both databases.
func (a *app) measureDatabases() {
	a.store.Pool().Observe = a.statement(metrics.Record)
	if separate := a.store.AccountsPool(); separate != nil {
		separate.Observe = a.statement(metrics.Accounts)
	}
}

func (a *app) statement(database string) func(context.Context, string) func(error) {
	return func(ctx context.Context, operation string) func(error) {
		measured := a.metrics.Statement(database, operation)
		if !traces.Active(ctx) { // what runs by itself, such as the poll of the queue, is no trace
			return measured
		}
		_, traced := a.tracer.Span(ctx, database+" "+operation)
		return func(err error) { traced(err); measured(err) }
	}
}

// email measures and traces the session of an email with the mail server.
func (a *app) email(ctx context.Context, d reset.Delivery) (context.Context, func(error)) {
	measured := a.metrics.Reply()
	ctx, traced := a.tracer.Span(ctx, "email "+string(d.Kind), traces.Text("resetd.reset", d.ResetID.String()))
	return ctx, func(err error) { traced(err); measured(err) }
}

func (a *app) answered(ctx context.Context, route, method string, status int, took time.Duration) {
	a.metrics.Request(route, method, status, took)
	traces.Answered(ctx, method, route, status)
}

// openTracer starts traces, if there is a collector.
func (a *app) openTracer() (err error) {
	number, _, _ := buildVersion()
	if a.tracer, err = traces.Start(a.cfg.TracesURL, number); err != nil {
		return fmt.Errorf("RESETD_TRACES_URL: %w", err)
	}
	traces.Report(func(err error) { a.log.Warn("traces are lost", "error", err.Error()) })
	return nil
}

// watch makes the metrics show the state of this app.
func (a *app) watch() {
	databases := map[string]func() sql.DBStats{metrics.Record: a.store.Pool().SQL().Stats}
	if separate := a.store.AccountsPool(); separate != nil {
		databases[metrics.Accounts] = separate.SQL().Stats
	}
	a.metrics.Watch(metrics.Sources{
		Ready: a.readiness.ready, MailServer: a.worker.ServerUp, Hashes: a.hasher.Waiting, Writers: a.intake.Waiting,
		Queue: a.store.Waits, Databases: databases, Now: a.now,
	})
}

// serveMetrics answers Prometheus on a listener of its own, if there is one. It returns a
// function that stops it.
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
