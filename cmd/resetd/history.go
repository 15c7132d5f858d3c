package main

import (
	"fmt"
	"net/netip"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/store"
)

type historyCmd struct {
	Email  string `help:"Address asked for."`
	User   string `help:"Account id."`
	IP     string `name:"ip" help:"IP address that asked or used."`
	Status string `enum:",used,revoked,withheld,expired,opened,pending" default:"" help:"One of used, revoked, withheld, expired, opened, pending."`
	Since  string `help:"Created then or later: a date, or RFC 3339."`
	Until  string `help:"Created before: likewise."`
	Limit  int    `default:"50" help:"At most so many."`
	Format string `enum:"table,csv,json" default:"table" help:"table, csv or json (an object a line)."`
}

// Run implements resetd history.
func (cmd *historyCmd) Run(in *invocation) error {
	filter, err := cmd.filter()
	if err != nil {
		return err
	}
	return in.withStore(func(s *store.Store, cfg config.Config) error {
		if err := s.UpToDate(in.ctx, cfg.Builtin); err != nil {
			return err
		}
		now := time.Now().UTC()
		resets, err := s.History(in.ctx, filter, now)
		if err != nil {
			return err
		}
		return formats[cmd.Format](in.stdout, resets, now)
	})
}

func (cmd *historyCmd) filter() (store.Filter, error) {
	f := store.Filter{UserID: cmd.User, Status: reset.Status(cmd.Status), Limit: cmd.Limit}
	if cmd.Limit < 1 {
		return f, fmt.Errorf("--limit: %d is not above 0", cmd.Limit)
	}
	if cmd.Email != "" {
		address, err := reset.ParseAddress(cmd.Email)
		if err != nil {
			return f, fmt.Errorf("--email: %q is %w", cmd.Email, err)
		}
		f.Email = address.Normal
	}
	if cmd.IP != "" {
		ip, err := netip.ParseAddr(cmd.IP)
		if err != nil {
			return f, fmt.Errorf("--ip: %q is not an IP address", cmd.IP)
		}
		f.IP = ip.Unmap()
	}
	var err error
	if f.Since, err = parseWhen("--since", cmd.Since); err != nil {
		return f, err
	}
	f.Until, err = parseWhen("--until", cmd.Until)
	return f, err
}

// parseWhen reads a day or a moment, in UTC unless it says otherwise.
func parseWhen(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: %q is neither a day such as 2006-01-02 nor a time such as 2006-01-02T15:04:05Z", flag, text)
}
