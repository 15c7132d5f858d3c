package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// day is the part that operates a site: two instances and what an operator puts around
// them, at ten requests a second. Each instance in turn is restarted every minute, and
// meanwhile one thing after the other fails.
const day = "day"

const (
	eachRequest = 100 * time.Millisecond
	eachRestart = time.Minute
	// calm is the time between two faults.
	calm = 45 * time.Second
	// mailOutage is how long the mail server is stopped, and logOutage how long the disk
	// of the log is full.
	mailOutage = 30 * time.Second
	logOutage  = 20 * time.Second
)

// operate causes one fault after the other for the length of the day. In the end each
// request must have been answered, by an instance.
func (t *trial) operate(ctx context.Context) error {
	restarts, end := context.WithCancel(ctx)
	var restarting sync.WaitGroup
	restarting.Go(func() { t.restartInTurn(restarts) })
	err := t.faultsInTurn(ctx)
	end()
	restarting.Wait()
	if n := t.ledger.count(0); n > 0 {
		t.ledger.fault(unanswered, "%d requests; the first one: %v", n, t.ledger.missing)
	}
	return err
}

func (t *trial) faultsInTurn(ctx context.Context) error {
	faults := []func(context.Context) error{t.restartDatabase, t.stopMail, t.fillLog, t.moveClock}
	began := time.Now()
	for i := 0; time.Since(began) < t.day; i++ {
		if err := faults[i%len(faults)](ctx); err != nil {
			return err
		}
		wait(ctx, calm)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// restartInTurn restarts one instance each minute: it is asked to end, as by an upgrade.
func (t *trial) restartInTurn(ctx context.Context) {
	for i := 0; ; i++ {
		wait(ctx, eachRestart)
		if ctx.Err() != nil {
			return
		}
		p := t.servers[i%len(t.servers)]
		t.stop(p)
		t.cause("restart of an instance")
		// Not with ctx: at the end of the day both instances run.
		if err := t.restart(context.WithoutCancel(ctx), p); err != nil {
			t.ledger.fault(other, "an instance did not start again: %v", err)
			return
		}
	}
}

// restartDatabase stops PostgreSQL and starts it again a few seconds later.
func (t *trial) restartDatabase(ctx context.Context) error {
	if err := t.cluster.Stop(); err != nil {
		return err
	}
	t.cause("restart of the database")
	wait(ctx, within(t.rng, 5*time.Second))
	if err := t.cluster.Restart(ctx); err != nil {
		return err
	}
	return t.comeBack(ctx)
}

// stopMail stops Postfix and starts it again. Then the emails that waited must go out.
func (t *trial) stopMail(ctx context.Context) error {
	if err := t.site.mail.Stop(ctx); err != nil {
		return err
	}
	t.cause("stop of the mail server")
	wait(ctx, mailOutage)
	if err := t.site.mail.Start(ctx); err != nil {
		return err
	}
	const patience = 3 * time.Minute
	back := time.Now()
	for began := time.Now(); time.Since(began) < patience; wait(ctx, time.Second) {
		n, err := t.waiting(ctx, back)
		if err != nil || n == 0 {
			return err
		}
	}
	t.ledger.fault(unsent, "emails still wait %v after the mail server came back", patience)
	return ctx.Err()
}

// fillLog fills the disk that the instances log to, and frees it again. They must answer
// meanwhile, and log again afterwards.
func (t *trial) fillLog(ctx context.Context) error {
	ballast := filepath.Join(t.site.logs, "ballast")
	if err := fill(ballast); err != nil {
		return err
	}
	t.cause("full disk of the log")
	before := t.ledger.count(http.StatusServiceUnavailable)
	wait(ctx, logOutage)
	if n := t.ledger.count(http.StatusServiceUnavailable) - before; n > 0 {
		t.ledger.fault(other, "%d answers 503 while the disk of the log was full", n)
	}
	full, err := os.Stat(t.site.log())
	if err != nil {
		return err
	}
	if err := os.Remove(ballast); err != nil {
		return err
	}
	if err := t.comeBack(ctx); err != nil {
		return err
	}
	wait(ctx, time.Second)
	if again, err := os.Stat(t.site.log()); err != nil || again.Size() == full.Size() {
		t.ledger.fault(other, "nothing was logged after the disk had space again")
	}
	return nil
}
