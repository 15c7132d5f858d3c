package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"resetd/internal/config"
	"resetd/internal/pages"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/users"
)

// The files of the demo, and the password of its accounts.
const (
	demoDatabase = "sqlite:var/demo.db"
	demoMailbox  = "var/mailbox"
	demoPassword = "walrus-on-a-bicycle"
)

// demoUsers contains an account for each outcome of a request.
var demoUsers = []struct{ email, name, password, note string }{
	{"user@example.org", "Example User", demoPassword, "the password is " + demoPassword + ", until you set another one"},
	{"inactive@example.org", "Inactive User", demoPassword, "is inactive: a request shows the same page, and sends no email"},
	{"new@example.org", "New User", "", "has no password yet: the same page, and no email"},
}

// demoStaff contains a member of each role, with the same password and without a TOTP
// secret, because a visitor of the demo has no authenticator app for it.
var demoStaff = []struct {
	name string
	role staff.Role
	note string
}{
	{"viewer", staff.Viewer, "searches and reads"},
	{"sender", staff.Sender, "finds a person and sends a link, and reads nothing else"},
	{"agent", staff.Agent, "does both, and everything else that helps a person"},
	{"admin", staff.Admin, "also reads the staff activity"},
}

type demoCmd struct{}

// Run implements resetd demo. It uses only the settings for the listener and the base
// URL, because a demo must never use a real database or mail server.
func (*demoCmd) Run(in *invocation) error {
	cfg, err := demoConfig(in)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(demoMailbox, 0o700); err != nil {
		return fmt.Errorf("the demo keeps its files in the folder var: %w; start it in a folder in which you may write", err)
	}
	log := slog.New(slog.NewTextHandler(in.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := newApp(cfg, log, time.Now, in.stdout, newMetrics())
	if err != nil {
		return err
	}
	if err := a.fillDemo(in.ctx); err != nil {
		return errors.Join(err, a.close())
	}
	pages.MountMailbox(a.engine, a.renderer, demoMailbox)
	a.handler = ownNames(cfg.BaseURL.Hostname(), a.handler)
	if reachable(cfg.Addr) {
		_, _ = fmt.Fprintf(in.stderr, "warning: the demo listens on %s, so other machines can reach its mailbox and its staff pages, whose password everybody knows\n", cfg.Addr)
	}
	return newService().serve(in.ctx, a, func(addr string) { _, _ = fmt.Fprint(in.stdout, guide(cfg, addr)) })
}

func (a *app) fillDemo(ctx context.Context) error {
	if err := a.prepareDatabase(ctx, true); err != nil {
		return err
	}
	if err := errors.Join(a.seed(ctx), a.seedStaff(ctx)); err != nil {
		return fmt.Errorf("make the demo accounts: %w", err)
	}
	return nil
}

func demoConfig(in *invocation) (config.Config, error) {
	var defaults config.Settings
	if err := kong.ApplyDefaults(&defaults); err != nil {
		return config.Config{}, err
	}
	defaults.Addr, defaults.BaseURL = in.settings.Addr, in.settings.BaseURL
	defaults.LimitAddress = "50/1h" // people who try the demo send more requests
	defaults.Signup = "on"
	return config.Check(defaults, config.Secrets{DatabaseURL: demoDatabase, MailURL: "file:" + demoMailbox})
}

// seed adds the missing accounts and, together with the first account, past resets.
func (a *app) seed(ctx context.Context) error {
	made := map[string]users.User{}
	for _, u := range demoUsers {
		address, err := reset.ParseAddress(u.email)
		if err != nil {
			return err
		}
		found, err := a.store.FindAccounts(ctx, address)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			continue
		}
		if made[u.email], err = a.seedUser(ctx, address, u.name, u.password); err != nil {
			return err
		}
	}
	first, isNew := made[demoUsers[0].email]
	if !isNew {
		return nil
	}
	return errors.Join(seedHistory(ctx, a.store, made), seedEvents(ctx, a.store, first.ID.String()))
}

func (a *app) seedUser(ctx context.Context, address reset.Address, name, plain string) (user users.User, err error) {
	hash := ""
	if plain != "" {
		if hash, err = a.resets.HashNew(ctx, reset.Account{}, plain, plain); err != nil {
			return user, err
		}
	}
	user = users.New(address, name, hash, time.Now())
	user.Active = !strings.HasPrefix(address.Normal, "inactive@")
	return user, a.store.AddUser(ctx, user)
}

// seedStaff adds the missing members.
func (a *app) seedStaff(ctx context.Context) error {
	for _, m := range demoStaff {
		_, err := a.staff.Add(ctx, staff.Operator(), staff.Newcomer{Name: m.name, Role: m.role, Password: demoPassword, Again: demoPassword, NoTOTP: true})
		if err != nil && !errors.Is(err, staff.ErrTaken) {
			return err
		}
	}
	return nil
}

// guide returns the instructions for the demo.
func guide(cfg config.Config, addr string) string {
	base := cfg.BaseURL.String()
	var accounts, members strings.Builder
	for _, u := range demoUsers {
		_, _ = fmt.Fprintf(&accounts, "    %-22s %s\n", u.email, u.note)
	}
	for _, m := range demoStaff {
		_, _ = fmt.Fprintf(&members, "    %-22s %s\n", m.name, m.note)
	}
	_, port, _ := net.SplitHostPort(addr)
	return fmt.Sprintf(`
resetd demo, on port %s. Its files are under var/. Ctrl-C ends it.

  1. Open             %s/password-reset
     and type         %s
  2. Read the email at %s/dev/mailbox
     and follow its link to choose a new password.
  3. Sign in at       %s/login
     or sign up at    %s/signup
  4. See the resets as support staff
     at               %s/support

  Accounts, as the demo makes them:
%s    any other address      has no account until you sign up: the same page, and no email
  Support staff, made with the password %s and no code:
%s
`, port, base, demoUsers[0].email, base, base, base, base, accounts.String(), demoPassword, members.String())
}
