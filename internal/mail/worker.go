package mail

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

// Timeouts for the parts of an attempt.
const (
	queueTimeout   = 10 * time.Second // each operation on the queue
	outcomeTimeout = 30 * time.Second // to store the outcome, with retries
	idleTimeout    = 5 * time.Second  // after which an idle connection is closed
	grace          = 5 * time.Second  // to finish emails when the process stops
	storeGrace     = 2 * time.Second  // to finish an operation on the queue then
)

const (
	// Lease is how long a leased delivery belongs to the worker, which renews the
	// lease of all deliveries that it holds. If the process dies, they are due again
	// after this time.
	Lease = time.Minute
	renew = Lease / 3
	// batchSize is how many deliveries one lease takes.
	batchSize = 256
	// mostWaiting is how many emails wait for a lane. If more are due, the worker goes
	// on to look accounts up, and leaves the emails in the queue.
	mostWaiting = 512
	// perDomain is how many lanes a recipient's domain has while others wait.
	perDomain = 2
	// longestBlank is how long a request without an email takes a lane at most.
	longestBlank = time.Second
	// After a wake-up, the queue is queried at the next multiple of tick. These moments
	// do not depend on requests, so the time of an answer does not show what an earlier
	// request makes the worker do.
	tick = 50 * time.Millisecond
)

// Queue is the queue of emails. reset.Service implements it.
type Queue interface {
	Lease(ctx context.Context, which reset.Which, lease time.Duration, n int) ([]reset.Delivery, error)
	Renew(ctx context.Context, held []reset.Delivery, lease time.Duration) error
	Match(ctx context.Context, received []reset.Delivery) ([]reset.Mail, error)
	Prepare(ctx context.Context, d reset.Delivery) (reset.Mail, error)
	Sent(ctx context.Context, d reset.Delivery, reply string) error
	Unanswered(ctx context.Context, m reset.Mail, reply string) error
	Deferred(ctx context.Context, m reset.Mail, wait time.Duration, reply string) error
	Failed(ctx context.Context, d reset.Delivery, reply string) error
	Dropped(ctx context.Context, all []reset.Delivery) error
}

// WorkerConfig holds the parts of a Worker. All but Observe are required.
type WorkerConfig struct {
	Resets    Queue
	Composer  *Composer
	Transport Transport
	Lanes     int // emails that are sent at the same time, each on its own connection
	Log       *slog.Logger

	// Observe is called before each email is sent. The function that it returns is called
	// with the result, see ReplyOf. The email is sent in the context that it returns.
	Observe func(context.Context, reset.Delivery) (context.Context, func(error))
}

// Worker sends the emails that are due. Several workers and processes may share a
// queue.
type Worker struct {
	queue     Queue
	compose   func(reset.Mail) (*gomail.Msg, error)
	transport Transport
	lanes     int
	log       *slog.Logger
	wake      chan struct{}
	poll      time.Duration // between two queries of the queue without a wake-up
	grace     time.Duration
	working   context.Context //nolint:containedctx // for operations on the queue: it outlives the context of Run
	took      atomic.Int64    // time of the last email that was sent, in nanoseconds
	// outageWait is how long to wait between queries while the database is unavailable.
	outageWait func(failures int) time.Duration
	database   outage
	server     outage
	observe    func(context.Context, reset.Delivery) (context.Context, func(error))
}

// NewWorker returns an error if a part is missing.
func NewWorker(cfg WorkerConfig) (*Worker, error) {
	if cfg.Resets == nil || cfg.Composer == nil || cfg.Transport == nil || cfg.Log == nil || cfg.Lanes < 1 {
		return nil, errors.New("mail: Resets, Composer, Transport, Lanes and Log are required")
	}
	if cfg.Observe == nil {
		cfg.Observe = func(ctx context.Context, _ reset.Delivery) (context.Context, func(error)) { return ctx, func(error) {} }
	}
	return &Worker{
		queue: cfg.Resets, compose: cfg.Composer.Compose, transport: cfg.Transport, lanes: cfg.Lanes, log: cfg.Log,
		wake: make(chan struct{}, 1), poll: time.Second, grace: grace, working: context.Background(), outageWait: outageWait,
		database: outage{log: cfg.Log, what: "email queue"}, server: outage{log: cfg.Log, what: "mail server"}, observe: cfg.Observe,
	}, nil
}

// Server returns the mail server's address, or what replaces it.
func (w *Worker) Server() string { return Name(w.transport) }

// ServerUp reports whether the mail server could be used for the last email.
func (w *Worker) ServerUp() bool { return !w.server.down.Load() }

// Wake makes the worker query the queue at the next tick. It never blocks.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}
