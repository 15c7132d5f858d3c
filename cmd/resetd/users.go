package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/users"
)

type usersCmd struct {
	Add         usersAddCmd         `cmd:"" help:"Add an account; the password comes from a prompt, or the first line of standard input."`
	List        usersListCmd        `cmd:"" help:"List all accounts."`
	SetPassword usersSetPasswordCmd `cmd:"" help:"Set an account's password, from a prompt or the first line of standard input; its sessions and links end."`
	Disable     usersDisableCmd     `cmd:"" help:"Make an account inactive; its sessions and links end."`
	EndSessions usersEndSessionsCmd `cmd:"" help:"Sign an account out everywhere."`
	Enable      usersEnableCmd      `cmd:"" help:"Make a disabled account active again."`
}

type usersAddCmd struct {
	Email string `arg:"" help:"Address."`
	Name  string `help:"Name, for greetings."`
}

// accountArg is the argument of commands on an account.
type accountArg struct {
	Email string `arg:"" help:"Address."`
}

type (
	usersListCmd        struct{}
	usersSetPasswordCmd struct{ accountArg }
	usersDisableCmd     struct{ accountArg }
	usersEndSessionsCmd struct{ accountArg }
	usersEnableCmd      struct{ accountArg }
)

// Run implements resetd users add.
func (cmd *usersAddCmd) Run(in *invocation) error {
	address, err := reset.ParseAddress(cmd.Email)
	if _, unsendable := reset.Mailbox(address.Typed); err != nil || unsendable != nil {
		return fmt.Errorf("%q: %w", cmd.Email, reset.ErrAddress)
	}
	// The first account may be added before the first start, so this migrates.
	return in.withPrepared(openStore, (*store.Store).MigrateUp, func(u accountCommand) error {
		if found, err := u.store.FindAccounts(in.ctx, address); err != nil {
			return err
		} else if len(address.Same(found)) > 0 {
			return exists(address)
		}
		plain, again, err := in.newPassword()
		if err != nil {
			return err
		}
		hash, err := u.resets.HashNew(in.ctx, reset.Account{Email: address.Normal, Name: cmd.Name}, plain, again)
		if err != nil {
			return u.explain(err)
		}
		user := users.New(address, cmd.Name, hash, time.Now())
		err = u.staff.Operate(in.ctx, staff.AddedUser, user.ID.String(), func() error { return u.store.AddUser(in.ctx, user) })
		if errors.Is(err, users.ErrExists) {
			return exists(address)
		}
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(in.stdout, user.ID)
		return nil
	})
}

func exists(address reset.Address) error {
	return fmt.Errorf("an account with the address %s exists already", address.Normal)
}

// Run implements resetd users list.
func (usersListCmd) Run(in *invocation) error {
	return in.withUsers(func(u accountCommand) error {
		all, err := u.store.Users(in.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(in.stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "ID\tEMAIL\tNAME\tACTIVE\tPASSWORD\tCREATED_AT")
		for _, x := range all {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", x.ID, history.Printable(x.Email), history.Printable(x.Name),
				yesNo(x.Active), yesNo(x.PasswordHash != ""), x.CreatedAt.Format(time.RFC3339))
		}
		return w.Flush()
	})
}

// change records an action on the account, then runs it.
func (arg accountArg) change(in *invocation, action staff.Action, do func(accountCommand, reset.Account) error) error {
	return in.withUsers(func(u accountCommand) error {
		a, err := u.find(arg.Email)
		if err != nil {
			return err
		}
		return u.staff.Operate(in.ctx, action, a.ID, func() error { return do(u, a) })
	})
}

// Run implements resetd users set-password.
func (cmd *usersSetPasswordCmd) Run(in *invocation) error {
	return in.withUsers(func(u accountCommand) error {
		a, err := u.find(cmd.Email)
		if err != nil {
			return err
		}
		plain, again, err := in.newPassword()
		if err != nil {
			return err
		}
		return u.explain(u.staff.Operate(in.ctx, staff.SetUserPassword, a.ID, func() error {
			return u.resets.Assign(in.ctx, a, plain, again)
		}))
	})
}

// Run implements resetd users disable.
func (cmd *usersDisableCmd) Run(in *invocation) error {
	return cmd.change(in, staff.DisabledUser, func(u accountCommand, a reset.Account) error {
		return u.store.SetActive(in.ctx, a.ID, false, time.Now(), reset.ActorOperator, reset.Client{})
	})
}

// Run implements resetd users end-sessions.
func (cmd *usersEndSessionsCmd) Run(in *invocation) error {
	return cmd.change(in, staff.EndedSessions, func(u accountCommand, a reset.Account) error {
		return u.resets.EndSessions(in.ctx, a.ID, reset.ActorOperator, reset.Client{})
	})
}

// Run implements resetd users enable.
func (cmd *usersEnableCmd) Run(in *invocation) error {
	return cmd.change(in, staff.EnabledUser, func(u accountCommand, a reset.Account) error {
		return u.store.SetActive(in.ctx, a.ID, true, time.Now(), reset.ActorOperator, reset.Client{})
	})
}
