package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/words"
)

// accountCommand holds the parts that the commands on accounts use.
type accountCommand struct {
	*invocation
	cfg    config.Config
	store  *store.Store
	resets *reset.Service
	staff  *staff.Service // records the changes
}

// withUsers calls f with the accounts of a database that is up to date.
func (in *invocation) withUsers(f func(accountCommand) error) error {
	return in.withPrepared(openExisting, (*store.Store).UpToDate, f)
}

// withPrepared opens and prepares the database, and calls f with its accounts.
func (in *invocation) withPrepared(open opener, prepare preparer, f func(accountCommand) error) error {
	return in.open(open, func(s *store.Store, cfg config.Config) error {
		if !cfg.Builtin {
			return errors.New("RESETD_ACCOUNTS: these accounts belong to another application; resetd manages only built-in accounts")
		}
		if err := prepare(s, in.ctx, cfg.Builtin); err != nil {
			return err
		}
		resets, _, err := lifeCycle(cfg, s, nil, time.Now, nil, nil)
		if err != nil {
			return err
		}
		audit, err := newStaff(cfg, s)
		if err != nil {
			return err
		}
		return f(accountCommand{in, cfg, s, resets, audit})
	})
}

func (u accountCommand) find(email string) (reset.Account, error) {
	address, err := reset.ParseAddress(email)
	if err != nil {
		return reset.Account{}, fmt.Errorf("%q: %w", email, err)
	}
	found, err := u.store.FindAccounts(u.ctx, address)
	if err != nil {
		return reset.Account{}, err
	}
	switch a := address.Only(found); {
	case a.ID != "":
		return a, nil
	case len(found) > 0:
		return reset.Account{}, fmt.Errorf("several accounts have an address like %s: write it as resetd users list shows it", address.Normal)
	default:
		return reset.Account{}, fmt.Errorf("no account has the address %s", address.Normal)
	}
}

// explain turns a refused password into the messages of the pages, in one line.
func (u accountCommand) explain(err error) error {
	refused, ok := errors.AsType[*reset.RefusedPassword](err)
	if !ok {
		return err
	}
	catalogue, err := words.Load(u.cfg.Templates)
	if err != nil {
		return err
	}
	var texts []string
	for _, problem := range refused.Problems {
		text, err := catalogue.In().T("problem_"+string(problem), "Count", u.cfg.Policy.Bound(problem))
		if err != nil {
			return err
		}
		texts = append(texts, text)
	}
	return errors.New(strings.Join(texts, ". "))
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
