package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"resetd/internal/bounce"
	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/store"
)

type bouncesCmd struct {
	Maildir string `arg:"" optional:"" help:"Folder of messages, with new and cur; without it, one message is read from standard input."`
}

// errLater: a message that came by standard input should be offered again.
var errLater = errors.New("try again later")

// Run implements resetd bounces.
func (cmd *bouncesCmd) Run(in *invocation) error {
	if cmd.Maildir != "" {
		if err := bounce.Maildir(cmd.Maildir).Check(); err != nil {
			return err
		}
	}
	err := in.withStore(func(s *store.Store, cfg config.Config) error {
		if cfg.Bounces == "" {
			return errors.New("RESETD_BOUNCE_ADDRESS: set it for this command and for the service, such as bounces@example.org")
		}
		if err := s.UpToDate(in.ctx, cfg.Builtin); err != nil {
			return err
		}
		return cmd.read(in, s, cfg)
	})
	if err != nil && cmd.Maildir == "" {
		err = errors.Join(err, errLater)
	}
	return err
}

func (cmd *bouncesCmd) read(in *invocation, s *store.Store, cfg config.Config) error {
	resets, _, err := lifeCycle(cfg, s, nil, time.Now, nil, nil)
	if err != nil {
		return err
	}
	keys, err := cfg.SigningKeys()
	if err != nil {
		return err
	}
	b := bounces{invocation: in, sender: bounce.NewSender(cfg.Bounces, keys), resets: resets}
	if cmd.Maildir == "" {
		_, err = b.take(in.stdin)
	} else {
		err = bounce.Maildir(cmd.Maildir).Each(func(f *os.File) (bool, error) { return b.take(f) })
	}
	_, printed := fmt.Fprintf(in.stdout, "bounced: %d, recorded before or unknown: %d, no bounce: %d\n", b.recorded, b.again, b.others)
	return errors.Join(err, b.recount(s), printed)
}

// bounces reads messages and counts them.
type bounces struct {
	*invocation
	sender                  bounce.Sender
	resets                  *reset.Service
	recorded, again, others int
	days                    []time.Time // of the requests whose email came back
}

// take records the bounce in a message. It reports whether the message is done with: the
// others are for people.
func (b *bounces) take(message io.Reader) (done bool, err error) {
	report, err := b.sender.Read(message)
	if err != nil { // errors of reading end in ErrNoReport too, or leave a report incomplete
		b.others++
		return false, nil //nolint:nilerr // it is no bounce of ours
	}
	requested, err := b.resets.Bounced(b.ctx, report.Delivery, report.Server, report.Detail)
	switch {
	case errors.Is(err, reset.ErrNotFound):
		b.again++
		return true, nil
	case err != nil:
		return false, err
	}
	b.recorded++
	if day := requested.Truncate(24 * time.Hour); !requested.IsZero() && !slices.Contains(b.days, day) {
		b.days = append(b.days, day)
	}
	return true, nil
}

// recount corrects the sums of days that the nightly work does not sum again.
func (b *bounces) recount(s *store.Store) error {
	summed, err := s.UnsummedSince(b.ctx)
	for _, day := range b.days {
		if err == nil && day.Before(summed) {
			err = s.SumHours(b.ctx, day, day)
		}
	}
	return err
}
