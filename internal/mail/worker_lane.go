package mail

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

// lane sends one email at a time and keeps its connection open for the next one.
type lane struct {
	*Worker
	conn Conn // nil: not connected
}

func (l *lane) run(ctx context.Context, jobs <-chan *job, done chan<- *job) {
	defer l.hangUp()
	for {
		var idle <-chan time.Time
		if l.conn != nil {
			idle = time.After(idleTimeout)
		}
		select {
		case j, more := <-jobs:
			if !more {
				return
			}
			l.handle(ctx, j)
			done <- j
		case <-idle:
			l.hangUp()
		}
	}
}

func (l *lane) handle(ctx context.Context, j *job) {
	// An email takes processor time, which delays those that are sent at the same moment by
	// parts of a millisecond.
	if j.turn {
		sleep(ctx, rand.N(tick), nil) //nolint:gosec // not a secret: the attacker sees it, with the email
	}
	if j.blank {
		sleep(ctx, time.Duration(l.took.Load()), nil)
		return
	}
	began := time.Now()
	if l.deliver(ctx, j) {
		l.took.Store(int64(min(time.Since(began), longestBlank)))
	}
}

// deliver makes one attempt, stores its outcome, and reports whether the email was
// sent. The attempt takes as long as the mail server does: the lease is renewed
// meanwhile.
func (l *lane) deliver(ctx context.Context, j *job) (sent bool) {
	working, cancel := outlive(ctx, l.grace)
	o, d := l.attempt(working, j), j.delivery()
	cancel()
	storing, cancel := outlive(ctx, storeGrace)
	defer cancel()
	storing, stop := context.WithTimeout(storing, outcomeTimeout)
	defer stop()
	if err := storeOutcome(storing, o.store); err != nil {
		// The email is tried again when the lease ends.
		l.database.report(storing, err)
		return false
	}
	if o.traced == nil {
		o.traced = ctx
	}
	log := l.log.With("delivery", d.ID, "kind", d.Kind, "attempts", d.Attempts)
	if d.ResetID != (reset.ID{}) { // an email may belong to none
		log = log.With("reset", d.ResetID)
	}
	log.InfoContext(o.traced, "email "+o.word)
	return o.word == "sent"
}

// outlive returns a context that ends some time after ctx, so an attempt can finish
// when the process stops.
func outlive(ctx context.Context, more time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(more, cancel)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); cancel() }
}

// send uses the open connection, or a new one if there is no open one or the
// server has closed it meanwhile.
func (l *lane) send(ctx context.Context, m *gomail.Msg) (reply string, err error) {
	reply, err = l.try(ctx, m)
	if errors.Is(err, ErrClosed) {
		reply, err = l.try(ctx, m)
	}
	return reply, err
}

func (l *lane) try(ctx context.Context, m *gomail.Msg) (reply string, err error) {
	if l.conn == nil {
		if l.conn, err = l.transport.Open(ctx); err != nil {
			l.conn = nil
			l.server.report(ctx, err)
			return "", err
		}
	}
	reply, err = l.conn.Send(ctx, m)
	if err == nil || isOutage(err) {
		l.server.report(ctx, err)
	}
	if err != nil && !IsPermanent(err) {
		l.hangUp() // the connection may be broken: the next email gets a new one
	}
	return reply, err
}

func (l *lane) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}
