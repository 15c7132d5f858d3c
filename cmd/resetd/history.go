package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store"
)

type historyCmd struct {
	Search string `arg:"" optional:"" help:"As in the search box of /support: an address, part of one, an account id, a reset id or its first eight characters, an IP address, a network."`
	Email  string `help:"Requested address."`
	User   string `help:"Account id; for a built-in account, its address too."`
	IP     string `name:"ip" help:"IP address, or network such as 203.0.113.0/24, of the request or the use."`
	Status string `help:"${statuses}; or the reason of a withheld reset: ${reasons}."`
	Since  string `help:"Created then or later: a date, or RFC 3339. Without it, only searches for a whole address, an account, a reset or an IP address go back more than 90 days."`
	Until  string `help:"Created on that date or earlier; or before that time."`
	Limit  int    `default:"50" help:"Maximum number of resets; 0 for all."`
	Format string `enum:"table,csv,json" default:"table" help:"table, csv or json (one object per line)."`
}

// Validate makes an invalid flag a usage error.
func (cmd *historyCmd) Validate() error {
	_, _, err := cmd.filter()
	return err
}

// Run implements resetd history.
func (cmd *historyCmd) Run(in *invocation) error {
	readings, others, err := cmd.filter()
	if err != nil {
		return err
	}
	return in.withStore(func(s *store.Store, cfg config.Config) error {
		if err := s.UpToDate(in.ctx, cfg.Builtin); err != nil {
			return err
		}
		if cfg.Builtin && strings.Contains(cmd.User, "@") { // no id of theirs has one
			a, err := accountCommand{invocation: in, store: s}.find(cmd.User)
			if err != nil {
				return fmt.Errorf("--user: %w; --email finds the resets that were requested for it", err)
			}
			others.UserID = a.ID
		}
		_, search, _, err := history.Find(in.ctx, s, readings, history.Search{Filter: others, Now: time.Now().UTC()}, nil)
		if err != nil {
			return err
		}
		more, err := cmd.print(in, s, search)
		if err != nil {
			return err
		}
		if bound := search.From.Since; more {
			_, err = fmt.Fprintf(in.stderr, "These are the newest %d, and there are more. Use --limit to see more; 0 for all.\n", cmd.Limit)
		} else if !bound.IsZero() {
			_, err = fmt.Fprintf(in.stderr, "This search goes back to %s. Use --since to search further back.\n", bound.Format(time.DateOnly))
		}
		return err
	})
}

// print prints the resets, and for an account alone also its own events. It reports whether
// the limit left out any.
func (cmd *historyCmd) print(in *invocation, s *store.Store, q history.Search) (more bool, err error) {
	alone := history.Filter{UserID: q.UserID, Since: q.Since, Until: q.Until}
	if q.UserID == "" || q.Filter != alone {
		return cmd.write(in.ctx, s, q, history.Formats[cmd.Format](in.stdout), nil)
	}
	return cmd.write(in.ctx, s, q, history.FormatsWithEvents[cmd.Format](in.stdout), &eventFeed{ctx: in.ctx, record: s, filter: alone})
}

// commas returns the values that a flag accepts, for its help.
func commas[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ", ")
}

var errEnough = errors.New("the limit is reached")

// write writes resets and events together, newest first.
func (cmd *historyCmd) write(ctx context.Context, s *store.Store, q history.Search, out history.Writer, events *eventFeed) (more bool, err error) {
	n := 0
	counted := func(write func() error) error {
		if n++; cmd.Limit > 0 && n > cmd.Limit {
			return errEnough
		}
		return write()
	}
	event := func(e reset.Event) error { return counted(func() error { return out.WriteEvent(e) }) }
	err = s.Each(ctx, q, func(r reset.Reset) error {
		if err := events.until(r.CreatedAt, event); err != nil {
			return err
		}
		return counted(func() error { return out.Write(r, q.Now) })
	})
	if err == nil {
		err = events.until(time.Time{}, event)
	}
	if more = errors.Is(err, errEnough); err != nil && !more {
		return false, err
	}
	return more, out.Close()
}

func (cmd *historyCmd) filter() (readings []history.Reading, f history.Filter, err error) {
	if cmd.Limit < 0 {
		return nil, f, fmt.Errorf("--limit: %d is below 0", cmd.Limit)
	}
	if cmd.Search != "" && cmd.Email+cmd.User+cmd.IP != "" {
		return nil, f, fmt.Errorf("search for %q, or use --email, --user and --ip", cmd.Search)
	}
	if readings, err = history.Readings(cmd.Search); err != nil {
		return nil, f, err
	}
	f.UserID = cmd.User
	if !f.SetStatus(cmd.Status) {
		return nil, f, fmt.Errorf("--status: %q is not one of %v, nor of %v", cmd.Status, history.Statuses, history.Reasons)
	}
	if f.Email, err = parseEmail(cmd.Email); err != nil {
		return nil, f, err
	}
	if f.Network, err = parseNetwork(cmd.IP); err != nil {
		return nil, f, err
	}
	if f.Since, _, err = parseWhen("--since", cmd.Since); err != nil {
		return nil, f, err
	}
	_, f.Until, err = parseWhen("--until", cmd.Until)
	return readings, f, err
}

func parseEmail(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	a, err := reset.ParseAddress(text)
	if err != nil {
		return "", fmt.Errorf("--email: %q is %w", text, err)
	}
	return a.Normal, nil
}

// parseNetwork parses a network or an IP address, which is a network of size 1.
func parseNetwork(text string) (netip.Prefix, error) {
	if text == "" {
		return netip.Prefix{}, nil
	}
	all, err := history.Readings(text)
	if err != nil || !all[0].Filter.Network.IsValid() {
		return netip.Prefix{}, fmt.Errorf("--ip: %q is neither an IP address nor a network such as 203.0.113.0/24", text)
	}
	return all[0].Filter.Network, nil
}

// parseWhen parses a day, whose beginning and end it returns, or a time, which it
// returns twice. The zone is UTC unless the text has another one.
func parseWhen(flag, text string) (begins, ends time.Time, err error) {
	if begins, ends, ok := history.ParseDay(text); ok {
		return begins, ends, nil
	}
	if t, ok := history.ParseTime(text); ok {
		return t, t, nil
	}
	return begins, ends, fmt.Errorf("%s: %q is neither a day such as 2006-01-02 nor a time such as 2006-01-02T15:04:05Z", flag, text)
}
