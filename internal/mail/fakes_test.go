package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"resetd/internal/reset"
)

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// dial opens a connection that the test closes.
func dial(t testing.TB, url string, credentials ...string) Conn {
	t.Helper()
	conn, err := transport(t, url, credentials...).Open(t.Context())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func transport(t testing.TB, url string, credentials ...string) Transport {
	t.Helper()
	credentials = append(credentials, "", "")
	tr, err := NewTransport(url, credentials[0], credentials[1], nil, HelloAs("accounts.example.org"))
	must(t, err)
	return tr
}

// noted is the outcome of an email that a fakeQueue received.
type noted struct {
	what  string
	reply string
	wait  time.Duration
	until time.Time // when the email is given up
}

// fakeQueue is a queue in memory. It never returns a deferred mail again.
type fakeQueue struct {
	mu      sync.Mutex
	due     []reset.Mail
	leased  map[reset.ID]reset.Mail
	down    error // returned by every operation unless nil
	prepare error // returned by Prepare
	match   error // returned by Match

	matched, renewed int
	unmatchable      string           // a recipient with which Match fails
	unmatched        string           // a recipient who gets no email
	leases           int              // calls of Lease
	refused          int              // outcomes that came while it was down
	notes            map[string]noted // by recipient
	changed          chan struct{}    // closed and replaced at each change
}

func newFakeQueue(due ...reset.Mail) *fakeQueue {
	return &fakeQueue{
		due: due, leased: map[reset.ID]reset.Mail{}, notes: map[string]noted{}, changed: make(chan struct{}),
	}
}

// change calls f under the lock and wakes the waiting goroutines.
func (q *fakeQueue) change(f func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f()
	close(q.changed)
	q.changed = make(chan struct{})
}

// wait returns when the condition is true. It checks the condition under the lock.
func (q *fakeQueue) wait(t testing.TB, what string, condition func() bool) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		q.mu.Lock()
		met, changed := condition(), q.changed
		q.mu.Unlock()
		if met {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("timeout while waiting for %s", what)
		}
	}
}

// outcome waits for the outcome of an email.
func (q *fakeQueue) outcome(t testing.TB, recipient string) (n noted) {
	t.Helper()
	q.wait(t, "the outcome of "+recipient, func() bool { n = q.notes[recipient]; return n != (noted{}) })
	return n
}

func (q *fakeQueue) Lease(_ context.Context, _ reset.Which, lease time.Duration, n int) (leased []reset.Delivery, err error) {
	q.change(func() {
		q.leases++
		if err = q.down; err != nil {
			return
		}
		if n < 1 || n > batchSize || lease != Lease {
			err = fmt.Errorf("leased %d for %v", n, lease)
			return
		}
		n = min(n, len(q.due))
		for _, m := range q.due[:n] {
			leased = append(leased, m.Delivery)
			q.leased[m.Delivery.ID] = m
		}
		q.due = q.due[n:]
	})
	return leased, err
}

func (q *fakeQueue) Prepare(_ context.Context, d reset.Delivery) (reset.Mail, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.leased[d.ID], q.prepare
}

func (q *fakeQueue) settle(d reset.Delivery, n noted) (err error) {
	q.change(func() {
		if err = q.down; err != nil {
			q.refused++
			return
		}
		q.notes[d.Recipient] = n
	})
	return err
}

func (q *fakeQueue) Sent(_ context.Context, d reset.Delivery, reply string) error {
	return q.settle(d, noted{what: "sent", reply: reply})
}

func (q *fakeQueue) Unanswered(_ context.Context, m reset.Mail, reply string) error {
	return q.settle(m.Delivery, noted{what: "unanswered", reply: reply})
}

func (q *fakeQueue) Deferred(_ context.Context, m reset.Mail, wait time.Duration, reply string) error {
	return q.settle(m.Delivery, noted{"deferred", reply, wait, m.GiveUpAt()})
}

func (q *fakeQueue) Failed(_ context.Context, d reset.Delivery, reply string) error {
	return q.settle(d, noted{what: "failed", reply: reply})
}

func (q *fakeQueue) Dropped(_ context.Context, all []reset.Delivery) (err error) {
	for _, d := range all {
		err = errors.Join(err, q.settle(d, noted{what: "dropped"}))
	}
	return err
}

func (q *fakeQueue) Renew(_ context.Context, held []reset.Delivery, _ time.Duration) error {
	q.change(func() { q.renewed += len(held) })
	return nil
}

// Match returns the prepared emails.
func (q *fakeQueue) Match(_ context.Context, received []reset.Delivery) (mails []reset.Mail, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, d := range received {
		if d.Recipient == q.unmatchable {
			return nil, errors.New("no such thing")
		}
		if d.Recipient != q.unmatched || d.Recipient == "" {
			mails = append(mails, q.leased[d.ID])
		}
	}
	q.matched += len(received)
	close(q.changed)
	q.changed = make(chan struct{})
	return mails, q.match
}
