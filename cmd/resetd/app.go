package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/config"
	"resetd/internal/intake"
	"resetd/internal/limit"
	"resetd/internal/mail"
	"resetd/internal/metrics"
	"resetd/internal/pages"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/support"
	"resetd/internal/traces"
	"resetd/internal/web"
	"resetd/internal/words"
)

// app holds the parts of a running service.
type app struct {
	cfg           config.Config
	log           *slog.Logger
	now           func() time.Time
	store         *store.Store
	hasher        *password.Hasher
	limits        *limit.Limiter
	intake        *intake.Writer
	readiness     *readiness
	feed          store.Feed
	resets        *reset.Service
	staff         *staff.Service
	sessions      store.Sessions
	staffSessions store.Sessions
	worker        *mail.Worker
	metrics       *metrics.Metrics
	tracer        *traces.Tracer // nil: no traces
	engine        *gin.Engine
	words         *words.Catalogue
	renderer      *web.Renderer
	handler       http.Handler
}

// newApp creates the parts of an app. The mail transport console: prints to console.
func newApp(cfg config.Config, log *slog.Logger, now func() time.Time, console io.Writer, m *metrics.Metrics) (*app, error) {
	cfg.Hashing.Observe = m.Hash
	if cfg.Breached != nil {
		cfg.Breached.Log = log
	}
	a := &app{cfg: cfg, log: log, now: now, metrics: m}
	for _, step := range []func() error{
		a.openTracer, a.openStore, a.startIntake, a.startLifeCycle, a.loadWords, a.loadPages,
		func() error { return a.startMail(console) },
		a.mount,
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, a.close())
		}
	}
	return a, nil
}

func (a *app) close() error {
	defer a.tracer.Close()
	if a.store == nil {
		return nil
	}
	if a.intake != nil {
		a.intake.Close()
	}
	if a.feed.Store != nil {
		a.feed.Close()
	}
	return a.store.Close()
}

func (a *app) openStore() (err error) {
	a.store, err = openStore(a.cfg)
	if err != nil {
		return err
	}
	a.store.Waiting = func() { a.log.Warn(waitingLine) }
	a.measureDatabases()
	// The real clock, because scs sets the expiry of sessions with it.
	a.sessions = store.Sessions{Store: a.store, Table: store.UserSessions, OwnerKey: pages.SessionUser, Now: time.Now}
	a.staffSessions = store.Sessions{Store: a.store, Table: store.StaffSessions, OwnerKey: support.SessionMember, Now: time.Now}
	return nil
}

// startIntake starts the writers of requests, and the limits that they charge.
func (a *app) startIntake() error {
	keys, err := a.cfg.SigningKeys()
	if err != nil {
		return err
	}
	a.limits, err = limit.New(a.store, a.cfg.Limits, countersKey(keys), a.now)
	if err != nil {
		return err
	}
	a.limits.Reached, a.limits.Locked = a.metrics.Limit, a.metrics.Lock
	a.intake = intake.Start(a.limits, a.metrics.Receiver(a.store.NewReceiver()))
	return nil
}

func (a *app) startLifeCycle() (err error) {
	a.resets, a.hasher, err = lifeCycle(a.cfg, a.store, a.intake, a.now, func() { a.worker.Wake() }, a.metrics.Reset)
	return err
}

// lifeCycle creates the service that the pages, the worker and the commands share.
func lifeCycle(cfg config.Config, s reset.Store, in reset.Intake, now func() time.Time, wake func(), count func(reset.Outcome)) (*reset.Service, *password.Hasher, error) {
	hasher, err := password.NewHasher(cfg.Hashing)
	if err != nil {
		return nil, nil, err
	}
	keys, err := cfg.SigningKeys()
	if err != nil {
		return nil, nil, err
	}
	parts := reset.Config{
		Store: s, Intake: in, Keys: keys, Passwords: hasher, Policy: cfg.Policy,
		Breaches: cfg.Breached, Now: now, Lifetime: cfg.LinkLifetime, Wake: wake, Count: count, Explain: slices.Collect(maps.Keys(cfg.MailNoLink)),
	}
	counters := countersKey(keys)
	parts.Requests = func(canonical string) string { return limit.RequestCounter(counters, canonical) }
	if cfg.Builtin { // other accounts sign in elsewhere
		parts.SignIns = func(email string) (owners []string) {
			for _, account := range limit.Users(reset.Normal(email), reset.Canonical(email)) {
				owners = append(owners, limit.Owner(counters, account))
			}
			return owners
		}
	}
	resets, err := reset.New(parts)
	return resets, hasher, err
}

func (a *app) loadWords() (err error) {
	a.words, err = words.Load(a.cfg.Templates)
	return err
}

func (a *app) loadPages() error {
	assets, err := web.NewAssets(a.cfg.Templates, a.cfg.Accent, a.cfg.Logo)
	if err != nil {
		return err
	}
	a.renderer, err = web.NewRenderer(a.cfg.Templates, a.words, web.Site{Name: a.cfg.SiteName, Logo: a.cfg.Logo != "", SignsOut: a.cfg.Accounts.EndsSessions, Names: a.cfg.Names, Unlimited: a.cfg.Limits.Address.Count == 0}, assets)
	if err != nil {
		return err
	}
	a.engine, err = web.NewEngine(web.EngineConfig{
		Renderer: a.renderer, Log: a.log, BaseURL: a.cfg.BaseURL, Proxies: a.cfg.Proxies, Observe: a.answered, Unidentified: a.metrics.Unidentified,
	})
	if err != nil {
		return err
	}
	for path, serve := range map[string]func(*gin.Context) error{"/static/*file": assets.Serve, "/favicon.ico": assets.Favicon} {
		a.engine.GET(path, a.renderer.Handle(serve))
		a.engine.HEAD(path, a.renderer.Handle(serve))
	}
	return nil
}

// prepareDatabase migrates the tables, or with migrate false only checks them.
func (a *app) prepareDatabase(ctx context.Context, migrate bool) error {
	if !migrate {
		return a.store.UpToDate(ctx, a.cfg.Builtin)
	}
	if err := a.store.MigrateUp(ctx, a.cfg.Builtin); err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	return nil
}
