package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

// Lanes is how many mails a worker sends at once. Each lane has a connection of
// its own, so that a recipient whose server stalls holds up one lane and the
// others go on; servers commonly allow ten connections and more.
const Lanes = 4

// How long the parts of an attempt may take.
const (
	queueTimeout  = 10 * time.Second // each operation on the queue
	settleTimeout = 30 * time.Second // to note the outcome, with retries
	idleTimeout   = 5 * time.Second  // a connection without mails is closed
	grace         = 5 * time.Second  // for mails in flight when the process stops
)

// Lease is how long a claimed mail is the worker's: longer than the longest
// attempt. A mail is claimed when a lane is free for it and not before, so no
// mail waits behind another while its lease runs; and when a process dies, its
// mails are due again this soon.
const Lease = queueTimeout + SendTimeout + settleTimeout + 20*time.Second

// Queue is the mails that are due. reset.Service is the real one.
type Queue interface {
	Claim(ctx context.Context, lease time.Duration, n int) ([]reset.Delivery, error)
	Prepare(ctx context.Context, d reset.Delivery) (reset.Mail, error)
	Sent(ctx context.Context, d reset.Delivery, reply string) error
	Deferred(ctx context.Context, m reset.Mail, wait time.Duration, reply string) error
	Failed(ctx context.Context, d reset.Delivery, reply string) error
	Dropped(ctx context.Context, d reset.Delivery) error
}

// WorkerConfig is what a Worker is made of. All is required.
type WorkerConfig struct {
	Resets    Queue
	Composer  *Composer
	Transport Transport
	Log       *slog.Logger
}

// Worker sends the mails that are due. Any number of workers, in any number of
// processes, may share a queue.
type Worker struct {
	queue     Queue
	compose   func(reset.Mail) (*gomail.Msg, error)
	transport Transport
	log       *slog.Logger
	wake      chan struct{}
	poll      time.Duration // between looks at the queue that nothing else caused
	grace     time.Duration
	away      func(failures int) time.Duration // between looks while the database is away
	database  outage
	server    outage
}

// NewWorker refuses to start without any of its parts.
func NewWorker(cfg WorkerConfig) (*Worker, error) {
	if cfg.Resets == nil || cfg.Composer == nil || cfg.Transport == nil || cfg.Log == nil {
		return nil, errors.New("mail: Resets, Composer, Transport and Log are required")
	}
	return &Worker{
		queue: cfg.Resets, compose: cfg.Composer.Compose, transport: cfg.Transport, log: cfg.Log,
		wake: make(chan struct{}, 1), poll: time.Second, grace: grace, away: outageWait,
		database: outage{log: cfg.Log, what: "queue of mails"}, server: outage{log: cfg.Log, what: "mail server"},
	}, nil
}

// Wake makes the worker look at the queue now. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
}
