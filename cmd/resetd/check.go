package main

import (
	"errors"
	"fmt"
	"time"

	"resetd/internal/check"
	"resetd/internal/config"
	"resetd/internal/history"
)

type checkCmd struct{}

// Run implements resetd check. It begins where other commands end: with
// settings that can't be read.
func (checkCmd) Run(in *invocation) error {
	secrets, unread := config.ReadSecrets(in.getenv)
	cfg, err := config.Check(in.settings, secrets)
	failed, all := check.Run(in.ctx, check.Input{
		Config: cfg, Problems: errors.Join(unread, err), SecretKey: secrets.SecretKey,
		Templates: func() error { return tryTemplates(cfg) }, Now: time.Now,
	}, func(r check.Result) {
		_, _ = fmt.Fprintf(in.stdout, "%-6s %s: %s\n", r.State, r.Subject, history.Printable(r.Text))
	})
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, all)
	}
	return nil
}

// tryTemplates makes all that serve makes of the templates.
func tryTemplates(cfg config.Config) error {
	a := &app{cfg: cfg}
	if err := errors.Join(a.loadWords(), a.loadPages()); err != nil {
		return err
	}
	composer, err := a.composer()
	if err != nil {
		return err
	}
	_, err = composer.ComposeTest(cfg.Templates, cfg.MailFrom, time.Now())
	return err
}
