package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/smtpsink"
)

// trial is the run of a part, from an empty database to the verdict.
type trial struct {
	options
	*load
	part     part
	database string // its URL
	clock    *clock // the program's
	rng      *rand.Rand
	sink     *smtpsink.Sink
	env      map[string]string
	server   *instance.Instance

	faults  int
	settled time.Duration // from the end of the requests until no email was due
	notes   []string
	verdict verdict
}

// newTrial adds accounts to an empty database, and starts the mail server and the
// program. If c is nil, the program uses the machine's clock.
func (s *stand) newTrial(ctx context.Context, p part, c *clock) (*trial, error) {
	database, err := s.newDatabase(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := fill(ctx, database); err != nil {
		return nil, err
	}
	addr, err := loopback.FreeAddr(ctx)
	if err != nil {
		return nil, err
	}
	t := &trial{options: s.options, part: p, database: database, clock: c, rng: s.random(1000), load: newLoad("http://" + addr)}
	if t.sink, err = startSink(s.dir, s.random(2000), t.took); err != nil {
		return nil, err
	}
	t.env = environment(addr, database, t.sink.URL())
	if c == nil {
		t.clock = &clock{}
	} else {
		t.binary, t.env[clockVariable] = s.stepped, c.file
	}
	if t.server, err = instance.Start(ctx, t.binary, t.env, "serve"); err != nil {
		t.sink.Close()
		return nil, err
	}
	return t, nil
}

// run runs clients during the faults, waits for the recovery, and judges.
func (t *trial) run(ctx context.Context, faults func(ctx context.Context) error) error {
	defer t.sink.Close()
	defer func() { t.server.Stop() }()
	defer func() { t.verdict.other = t.ledger.broken }()
	t.start(ctx, t.options)
	err := faults(ctx)
	close(t.quiet)
	t.asking.Wait()
	t.sink.RemoveRules()
	if err == nil {
		err = t.settle(ctx)
	}
	close(t.done)
	t.using.Wait()
	if err == nil {
		err = t.judge(ctx)
	}
	return err
}

func (t *trial) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// restart starts the program again with the same address and settings.
func (t *trial) restart(ctx context.Context) error {
	var err error
	for range 5 {
		if t.server, err = instance.Start(ctx, t.binary, t.env, "serve"); err == nil {
			t.ledger.recovery(t.server.Started)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// It must start at once and without help.
		t.ledger.fault("a start failed: %v", err)
	}
	return err
}

// comeBack waits for the first acknowledged request after a fault.
func (t *trial) comeBack(ctx context.Context) error {
	const patience = 2 * time.Minute
	t.ledger.over()
	for began := time.Now(); !t.ledger.recovered(); {
		if time.Since(began) > patience {
			return fmt.Errorf("no request was acknowledged within %v after the end of a fault\n%s", patience, t.server.Log())
		}
		wait(ctx, 5*time.Millisecond)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
