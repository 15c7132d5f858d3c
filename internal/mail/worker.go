package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

// Lanes is how many emails a worker sends at the same time. Each lane has its own
// connection, so an email that stalls blocks only one lane. Servers usually allow
// ten or more connections.
const Lanes = 4

// Timeouts for the parts of an attempt.
const (
	queueTimeout  = 10 * time.Second // each operation on the queue
	settleTimeout = 30 * time.Second // to store the outcome, with retries
	idleTimeout   = 5 * time.Second  // after which an idle connection is closed
	grace         = 5 * time.Second  // to finish emails when the process stops
)

// Lease is how long a claimed email belongs to the worker. It is longer than the
// longest attempt. An email is claimed only when a lane is free, so its lease does
// not run while it waits for another. If a process dies, its emails are due again
// after this time.
const Lease = queueTimeout + SendTimeout + settleTimeout + 20*time.Second

// Queue is the queue of emails. reset.Service implements it.
type Queue interface {
	Claim(ctx context.Context, lease time.Duration, n int) ([]reset.Delivery, error)
	Prepare(ctx context.Context, d reset.Delivery) (reset.Mail, error)
	Sent(ctx context.Context, d reset.Delivery, reply string) error
	Deferred(ctx context.Context, m reset.Mail, wait time.Duration, reply string) error
	Failed(ctx context.Context, d reset.Delivery, reply string) error
	Dropped(ctx context.Context, d reset.Delivery) error
}

// WorkerConfig holds the parts of a Worker. All are required.
type WorkerConfig struct {
	Resets    Queue
	Composer  *Composer
	Transport Transport
	Log       *slog.Logger
}

// Worker sends the emails that are due. Several workers and processes may share a
// queue.
type Worker struct {
	queue     Queue
	compose   func(reset.Mail) (*gomail.Msg, error)
	transport Transport
	log       *slog.Logger
	wake      chan struct{}
	poll      time.Duration // between two queries of the queue without a wake-up
	grace     time.Duration
	// outageWait is how long to wait between queries while the database is unavailable.
	outageWait func(failures int) time.Duration
	database   outage
	server     outage
}

// NewWorker returns an error if a part is missing.
func NewWorker(cfg WorkerConfig) (*Worker, error) {
	if cfg.Resets == nil || cfg.Composer == nil || cfg.Transport == nil || cfg.Log == nil {
		return nil, errors.New("mail: Resets, Composer, Transport and Log are required")
	}
	return &Worker{
		queue: cfg.Resets, compose: cfg.Composer.Compose, transport: cfg.Transport, log: cfg.Log,
		wake: make(chan struct{}, 1), poll: time.Second, grace: grace, outageWait: outageWait,
		database: outage{log: cfg.Log, what: "email queue"}, server: outage{log: cfg.Log, what: "mail server"},
	}, nil
}

// Wake makes the worker query the queue now. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}
