package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/traces"
)

type serveCmd struct {
	NoMigrate bool `help:"Do not change the tables; fail if they are not up to date."`
}

// Run implements resetd serve.
func (cmd *serveCmd) Run(in *invocation) error {
	lines := newPatientLog(in.stderr)
	defer lines.Close()
	log := slog.New(traces.Log(slog.NewJSONHandler(lines, nil)))
	s := newService()
	in.metrics = newMetrics()
	a, err := in.start(log, !cmd.NoMigrate)
	if err != nil {
		return err
	}
	s.reload = func() (*app, error) {
		again := &invocation{ctx: in.ctx, args: in.args, environ: in.environ, stdin: in.stdin, stdout: in.stdout, stderr: in.stderr, metrics: in.metrics}
		if _, _, err := again.parse(); err != nil {
			return nil, err
		}
		if now, old := again.settings, in.settings; now.Addr != old.Addr || now.MetricsAddr != old.MetricsAddr || (now.TLSCert == "") != (old.TLSCert == "") {
			log.Warn("RESETD_ADDR, RESETD_METRICS_ADDR or whether RESETD_TLS_CERT is set changed, which needs a restart")
		}
		return again.start(log, false)
	}
	return s.serve(in.ctx, a, func(addr string) { in.logStart(log, addr, a) })
}

// start creates an app from the settings and prepares what it needs.
func (in *invocation) start(log *slog.Logger, migrate bool) (*app, error) {
	cfg, err := in.config()
	if err != nil {
		return nil, err
	}
	reportUnknown(log, in.variables())
	if !migrate {
		if err := refuseMissingRecord(cfg); err != nil {
			return nil, err
		}
	}
	clock := &sharedClock{wall: machineTime, log: log}
	if cfg.Certificate != nil {
		cfg.Certificate.LogTo(log)
	}
	a, err := newApp(cfg, log, clock.Now, in.stdout, in.metrics)
	if err != nil {
		return nil, err
	}
	a.follow(clock)
	for _, step := range []func() error{
		func() error { return a.waitForDatabase(in.ctx) },
		func() error { clock.compare(in.ctx, a.store.Pool()); return nil },
		func() error { return a.prepareDatabase(in.ctx, migrate) },
		func() error { return a.noteKeys(in.ctx) },
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, a.close())
		}
	}
	return a, nil
}

func (in *invocation) logStart(log *slog.Logger, addr string, a *app) {
	log.Info("serving", "addr", addr, "base_url", a.cfg.BaseURL.String(), "database", a.store.Dialect.Product, "accounts_database", a.accountsProduct(),
		"accounts", in.settings.Accounts, "mail", a.worker.Server(), "sign_up", a.cfg.SignUp,
		"limit_address", in.settings.LimitAddress, "limit_ip", in.settings.LimitIP, "limit_link", in.settings.LimitLink, "limit_signin", in.settings.LimitSignin)
}

// accountsProduct returns which database has the accounts.
func (a *app) accountsProduct() string {
	if separate := a.store.AccountsPool(); separate != nil {
		return separate.Dialect.Product
	}
	return a.store.Dialect.Product
}

// reportUnknown logs each variable that looks like a setting but is not one.
func reportUnknown(log *slog.Logger, variables []string) {
	if err := config.Unknown(variables); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			log.Warn("unknown setting", "problem", line)
		}
	}
}

// waitForDatabase waits for a server that starts at the same time. It logs the first
// failure, and each minute.
func (a *app) waitForDatabase(ctx context.Context) error {
	var logged time.Time
	err := a.store.Pool().WaitUntilUp(ctx, func(err error) {
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

// keysTimeout is how long the start waits to store the key's fingerprint. SQLite waits as
// long for a lock.
const keysTimeout = 5 * time.Second

// noteKeys reports if the database was last used with another key: links that were
// made with it do not work here. It does not matter to the service if the key can't be
// stored, as on a full disk or while another program keeps a lock: pages that only read work
// then.
func (a *app) noteKeys(ctx context.Context) error {
	keys, err := a.cfg.SigningKeys()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, keysTimeout)
	defer cancel()
	same, err := a.store.NoteKeys(ctx, keys.Fingerprints(), a.now().UTC())
	if errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("the fingerprint of the secret key could not be stored", "error", err)
		err = nil
	}
	if !same {
		a.log.Error("this database was last used with another secret key, so links made with that key do not work here: " +
			"give all instances the same RESETD_SECRET_KEY, or list the old key in it, after a comma")
	}
	return err
}
