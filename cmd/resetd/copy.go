package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"resetd/internal/config"
	"resetd/internal/listen"
	"resetd/internal/store"
	"resetd/internal/words"
)

type copyCmd struct {
	To string `help:"Target: postgres://USER@HOST/DATABASE. If it has a password, use RESETD_COPY_TO, RESETD_COPY_TO_FILE or standard input instead: others can see arguments." placeholder:"URL"`
}

// Run implements resetd copy.
func (cmd *copyCmd) Run(in *invocation) error {
	to, err := cmd.target(in)
	if err != nil {
		return err
	}
	return in.withStore(func(s *store.Store, cfg config.Config) error {
		if s.Pool().File == "" {
			return fmt.Errorf("%w: RESETD_DATABASE_URL must be the sqlite: to copy", store.ErrNoCopy)
		}
		if listen.Healthy(in.ctx, cfg.Addr, cfg.Certificate != nil) == nil {
			return fmt.Errorf("resetd answers at %s: stop it first, because what it writes after the copy would be lost", cfg.Addr)
		}
		target, err := store.Open(to, cfg.Accounts)
		if err != nil {
			return fmt.Errorf("the target: %w", err)
		}
		defer func() { _ = target.Close() }()
		if err := target.Pool().Ping(in.ctx); err != nil {
			return fmt.Errorf("nothing was copied: the target can't be used: %w; correct --to or RESETD_COPY_TO", err)
		}
		all, err := s.CopyTo(in.ctx, target, cfg.Builtin)
		if err != nil {
			return fmt.Errorf("nothing was copied: %w", err)
		}
		in.reportCopy(all, s.Pool().File, cfg)
		return nil
	})
}

// target returns the URL of the target.
func (cmd *copyCmd) target(in *invocation) (to string, err error) {
	if cmd.To != "" {
		u, err := url.Parse(cmd.To)
		if err == nil && u.User != nil {
			if _, secret := u.User.Password(); secret {
				_, _ = fmt.Fprintln(in.stderr, "warning: every user of this machine can see the password in --to; set RESETD_COPY_TO_FILE instead, and change the password")
			}
		}
		return cmd.To, nil
	}
	if to, err = config.CopyTo(in.getenv); err == nil && to == "" {
		to, err = in.secretLine("Target (postgres://USER:PASSWORD@HOST/DATABASE): ")
	}
	if err != nil {
		return "", err
	}
	if to = strings.TrimSpace(to); to == "" {
		return "", errors.New("name the target: --to, RESETD_COPY_TO, RESETD_COPY_TO_FILE, or the first line of standard input")
	}
	return to, nil
}

// reportCopy prints what was copied, and what is left to do.
func (in *invocation) reportCopy(all []store.Copied, file string, cfg config.Config) {
	total := 0
	for _, c := range all {
		_, _ = fmt.Fprintf(in.stdout, "%-22s %d\n", c.Table, c.Rows)
		total += c.Rows
	}
	_, _ = fmt.Fprintf(in.stdout, "%s copied, and read again: numbers and digests agree.\n\nNow set RESETD_DATABASE_URL to the target", words.Count(total, "row was", "rows were"))
	if cfg.Keys == nil {
		_, _ = fmt.Fprintf(in.stdout, ", and RESETD_SECRET_KEY_FILE to %s, or the links in emails do not work", config.KeyFile(file))
	}
	if !cfg.Builtin && cfg.AccountsURL == "" {
		_, _ = fmt.Fprintf(in.stdout, ", and RESETD_ACCOUNTS_DATABASE_URL to sqlite:%s, where the application's accounts stay", file)
	}
	_, _ = fmt.Fprintln(in.stdout, ". Then start resetd.")
}
