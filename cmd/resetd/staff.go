package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/support"
	"resetd/internal/words"
)

type staffCmd struct {
	Add         staffAddCmd         `cmd:"" help:"Add a member; the password comes from a prompt, or the first line of standard input. Prints a TOTP secret, which is not shown again."`
	List        staffListCmd        `cmd:"" help:"List all members."`
	Disable     staffDisableCmd     `cmd:"" help:"Disable a member; the sessions end at once."`
	Enable      staffEnableCmd      `cmd:"" help:"Enable a disabled member."`
	SetPassword staffSetPasswordCmd `cmd:"" help:"Set a member's password, from a prompt or standard input; the sessions end."`
	Link        staffLinkCmd        `cmd:"" help:"Print a new one-time link, behind which the member chooses a password and sets up TOTP; the present ones work until it is used."`
	TOTP        staffTOTPCmd        `cmd:"" name:"totp" help:"Print a new TOTP secret, which is not shown again; the old one and the sessions end."`
	Role        staffRoleCmd        `cmd:"" help:"Change a member's role, effective at the next request."`
}

// memberArg is the argument of commands on a member.
type memberArg struct {
	Name string `arg:"" help:"Name, in any case."`
}

type staffAddCmd struct {
	Name   string `arg:"" help:"1 to 64 letters, digits, and the characters . _ -"`
	Role   string `required:"" enum:"viewer,sender,agent,admin" help:"viewer (searches and reads), sender (finds a person and sends a link, and reads nothing else), agent (both, and everything else that helps a person) or admin (also reads the staff activity and manages members)."`
	NoTOTP bool   `name:"no-totp" xor:"how" help:"Sign in with a password only."`
	Link   bool   `xor:"how" help:"Ask for no password: print a one-time link, behind which the member chooses it and sets up TOTP."`
}

type staffRoleCmd struct {
	memberArg
	Role string `arg:"" enum:"viewer,sender,agent,admin" help:"viewer, sender, agent or admin."`
}

type (
	staffListCmd        struct{}
	staffDisableCmd     struct{ memberArg }
	staffEnableCmd      struct{ memberArg }
	staffSetPasswordCmd struct{ memberArg }
	staffTOTPCmd        struct{ memberArg }
	staffLinkCmd        struct{ memberArg }
)

// team is the staff service with the configuration, for the commands.
type team struct {
	*staff.Service
	cfg config.Config
}

// withStaff opens and prepares the database, and calls f with its staff. It works with
// the accounts of any application.
func (in *invocation) withStaff(open opener, prepare preparer, f func(team) error) error {
	return in.open(open, func(s *store.Store, cfg config.Config) error {
		if err := prepare(s, in.ctx, cfg.Builtin); err != nil {
			return err
		}
		service, err := newStaff(cfg, s)
		if err != nil {
			return err
		}
		return f(team{service, cfg})
	})
}

// newStaff returns the staff service for the commands.
func newStaff(cfg config.Config, s *store.Store) (*staff.Service, error) {
	resets, hasher, err := lifeCycle(cfg, s, nil, time.Now, nil, nil)
	if err != nil {
		return nil, err
	}
	a := &app{cfg: cfg, store: s, resets: resets, hasher: hasher, now: time.Now}
	err = a.startStaff()
	return a.staff, err
}

// onMember calls f if the member exists.
func (in *invocation) onMember(name string, f func(team) error) error {
	return in.withStaff(openExisting, (*store.Store).UpToDate, func(t team) error {
		_, err := t.Find(in.ctx, name)
		if errors.Is(err, reset.ErrNotFound) {
			return fmt.Errorf("no staff member has the name %q", name)
		}
		if err != nil {
			return err
		}
		if err = f(t); errors.Is(err, staff.ErrLastAdmin) {
			err = fmt.Errorf("%s is the last active admin with a password; make another member who has a password an admin first: resetd staff role NAME admin", name)
		}
		return err
	})
}

// Run implements resetd staff add.
func (cmd *staffAddCmd) Run(in *invocation) error {
	// The first member may be added before the first start, so this migrates.
	return in.withStaff(openStore, (*store.Store).MigrateUp, func(t team) error {
		if err := t.Free(in.ctx, cmd.Name); err != nil {
			return fmt.Errorf("%q: %w", cmd.Name, err)
		}
		if cmd.Link {
			token, err := t.Invite(in.ctx, staff.Operator(), cmd.Name, staff.Role(cmd.Role))
			return in.showLink(t, token, err)
		}
		var secret staff.Secret
		err := in.withPassword(t, func(plain, again string) (err error) {
			secret, err = t.Add(in.ctx, staff.Operator(), staff.Newcomer{
				Name: cmd.Name, Role: staff.Role(cmd.Role), Password: plain, Again: again, NoTOTP: cmd.NoTOTP,
			})
			return err
		})
		if err != nil || cmd.NoTOTP {
			return err
		}
		return in.show(secret)
	})
}

// withPassword reads a new password and passes it to f. It explains why a password is
// refused.
func (in *invocation) withPassword(t team, f func(plain, again string) error) error {
	plain, again, err := in.newPassword()
	if err != nil {
		return err
	}
	return accountCommand{invocation: in, cfg: t.cfg}.explain(f(plain, again))
}

// show prints a TOTP secret. It can't be printed again later.
func (in *invocation) show(secret staff.Secret) error {
	_, err := fmt.Fprintf(in.stdout, "TOTP secret, which is not shown again:\n%s\n%s\n", secret.Text(), secret.Link())
	return err
}

// showLink prints a one-time link.
func (in *invocation) showLink(t team, token reset.Token, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(in.stdout, "one-time link for this member, for %s:\n%s%s%s\n", words.Span(staff.LinkLifetime), t.cfg.BaseURL, support.JoinPath, token.Encode())
	return err
}

// Run implements resetd staff list.
func (staffListCmd) Run(in *invocation) error {
	return in.withStaff(openExisting, (*store.Store).UpToDate, func(t team) error {
		all, err := t.Members(in.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(in.stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "NAME\tROLE\tACTIVE\tTOTP\tCREATED_AT")
		for _, m := range all {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", history.Printable(m.Name), m.Role, yesNo(m.Active), yesNo(m.TOTP != ""), m.CreatedAt.Format(time.RFC3339))
		}
		return w.Flush()
	})
}

// Run implements resetd staff disable.
func (cmd *staffDisableCmd) Run(in *invocation) error {
	return in.onMember(cmd.Name, func(t team) error { return t.SetActive(in.ctx, staff.Operator(), cmd.Name, false) })
}

// Run implements resetd staff enable.
func (cmd *staffEnableCmd) Run(in *invocation) error {
	return in.onMember(cmd.Name, func(t team) error { return t.SetActive(in.ctx, staff.Operator(), cmd.Name, true) })
}

// Run implements resetd staff set-password.
func (cmd *staffSetPasswordCmd) Run(in *invocation) error {
	return in.onMember(cmd.Name, func(t team) error {
		return in.withPassword(t, func(plain, again string) error {
			return t.SetPassword(in.ctx, staff.Operator(), cmd.Name, plain, again)
		})
	})
}

// Run implements resetd staff link.
func (cmd *staffLinkCmd) Run(in *invocation) error {
	return in.onMember(cmd.Name, func(t team) error {
		token, err := t.RenewLink(in.ctx, staff.Operator(), cmd.Name)
		if errors.Is(err, reset.ErrNotFound) {
			err = fmt.Errorf("%s is disabled; enable the member first: resetd staff enable %s", cmd.Name, cmd.Name)
		}
		return in.showLink(t, token, err)
	})
}

// Run implements resetd staff totp.
func (cmd *staffTOTPCmd) Run(in *invocation) error {
	return in.onMember(cmd.Name, func(t team) error {
		secret, err := t.IssueTOTP(in.ctx, staff.Operator(), cmd.Name)
		if err != nil {
			return err
		}
		return in.show(secret)
	})
}

// Run implements resetd staff role.
func (cmd *staffRoleCmd) Run(in *invocation) error {
	return in.onMember(cmd.Name, func(t team) error { return t.SetRole(in.ctx, staff.Operator(), cmd.Name, staff.Role(cmd.Role)) })
}
