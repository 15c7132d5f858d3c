package intake_test

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/intake"
	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// held is a session that waits before it writes its first rows, so that the rows of
// the following requests become one batch, or before it charges its first limits.
type held struct {
	*store.Receiver
	entered chan struct{}
	proceed chan struct{}
	once    *sync.Once
	rows    bool
}

func (h held) wait() {
	h.once.Do(func() {
		close(h.entered)
		<-h.proceed
	})
}

func (h held) Receive(ctx context.Context, all []reset.Queued) error {
	if h.rows {
		h.wait()
	}
	return h.Receiver.Receive(ctx, all)
}

func (h held) Charge(ctx context.Context, f func(limit.Charger) error) error {
	if !h.rows {
		h.wait()
	}
	return h.Receiver.Charge(ctx, f)
}

type world struct {
	*testing.T
	store  *store.Store
	writer *intake.Writer
	held   held
}

func eachWorld(t *testing.T, rules limit.Rules, rows bool, test func(w world)) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		w := world{T: t, store: db.Open(t)}
		limits, err := limit.New(w.store, rules, make([]byte, limit.SecretBytes), testkit.NewClock().Now)
		if err != nil {
			t.Fatal(err)
		}
		w.held = held{w.store.NewReceiver(), make(chan struct{}), make(chan struct{}), &sync.Once{}, rows}
		w.writer = intake.Start(limits, w.held)
		test(w)
		w.writer.Close()
	})
}

func request(email, ip string) reset.Queued {
	r := testkit.Reset(testkit.NewClock().Now(), "", func(r *reset.Reset) {
		r.Email, r.CreatedByIP, r.AccountState, r.Mail = email, netip.MustParseAddr(ip), "", ""
	})
	return reset.Queued{Reset: r, Delivery: testkit.Delivery(r.CreatedAt, r)}
}

// together sends one request and then, while its batch waits, all others in order.
func (w world) together(all ...reset.Queued) []error {
	w.Helper()
	ctx := limit.Declare(w.Context(), limit.PerIP, limit.PerAddress)
	errs := make([]error, len(all))
	var callers sync.WaitGroup
	first := request("first@example.org", "192.0.2.1")
	callers.Go(func() {
		if err := w.writer.Receive(ctx, first.Reset, first.Delivery); err != nil {
			w.Error(err)
		}
	})
	<-w.held.entered
	for i, m := range all {
		callers.Go(func() { errs[i] = w.writer.Receive(ctx, m.Reset, m.Delivery) })
		for w.writer.Waiting() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	close(w.held.proceed)
	callers.Wait()
	return errs
}

func (w world) rows() map[string][]reset.Reset {
	w.Helper()
	rows := map[string][]reset.Reset{}
	for _, r := range testkit.Resets(w, w.store, history.Filter{}, testkit.NewClock().Now()) {
		rows[r.Email] = append(rows[r.Email], r)
	}
	return rows
}

var rules = limit.Rules{IP: limit.Rule{Count: 3, Window: time.Hour}, Address: limit.Rule{Count: 2, Window: time.Hour}}

// The third request of a batch for one address is throttled, the fourth of one
// visitor is refused, and refused requests are not charged to the address.
func TestLimitsHoldWithinABatch(t *testing.T) {
	eachWorld(t, rules, false, func(w world) {
		var all []reset.Queued
		for range 5 {
			all = append(all, request("user@example.org", "203.0.113.7"))
		}
		all = append(all, request("other@example.org", "203.0.113.8"), request("other@example.org", "203.0.113.9"), request("other@example.org", "203.0.113.10"))
		errs := w.together(all...)
		for i, err := range errs {
			var many *limit.TooMany
			if refused := i == 3 || i == 4; errors.As(err, &many) != refused || (err != nil && !refused) {
				w.Errorf("request %d: got %v, refused should be %v", i, err, refused)
			}
		}
		rows := w.rows()
		for email, want := range map[string]int{"user@example.org": 3, "other@example.org": 3} {
			throttled := 0
			for _, r := range rows[email] {
				if r.Withheld == reset.WithheldThrottled {
					throttled++
				}
			}
			if len(rows[email]) != want || throttled != 1 {
				w.Errorf("%s: %d rows, %d of them throttled; want %d and 1", email, len(rows[email]), throttled, want)
			}
		}
	})
}

func TestBadRowIsRefusedAlone(t *testing.T) {
	eachWorld(t, limit.Rules{IP: limit.Rule{Count: 100, Window: time.Hour}}, true, func(w world) {
		good, other := request("user@example.org", "203.0.113.7"), request("other@example.org", "203.0.113.8")
		bad := request("bad@example.org", "203.0.113.9")
		bad.Reset.ExpiresAt = bad.Reset.CreatedAt // a CHECK refuses it
		errs := w.together(good, bad, other)
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			w.Errorf("got %v, want an error for the second alone", errs)
		}
		rows := w.rows()
		if len(rows["user@example.org"]) != 1 || len(rows["other@example.org"]) != 1 || len(rows["bad@example.org"]) != 0 {
			w.Errorf("got %v, want the rows of the good requests", rows)
		}
	})
}

// broken fails before anything is written.
type broken struct{}

func (broken) Charge(context.Context, func(limit.Charger) error) error { return reset.ErrUnavailable }

func (broken) Receive(context.Context, []reset.Queued) error { return reset.ErrUnavailable }

func (broken) Close() {}

func TestErrorsReachEveryRequest(t *testing.T) {
	limits, err := limit.New(&store.Store{}, rules, make([]byte, limit.SecretBytes), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w := intake.Start(limits, broken{})
	m := request("user@example.org", "203.0.113.7")
	if err := w.Receive(t.Context(), m.Reset, m.Delivery); err == nil {
		t.Error("a request was accepted without declared limits")
	}
	ctx := limit.Declare(t.Context(), limit.PerIP, limit.PerAddress)
	if err := w.Receive(ctx, m.Reset, m.Delivery); !errors.Is(err, reset.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	w.Close()
	if err := w.Receive(ctx, m.Reset, m.Delivery); !errors.Is(err, reset.ErrUnavailable) {
		t.Errorf("after Close: got %v, want ErrUnavailable", err)
	}
}

// dying is a session whose process dies after the commit: nobody is answered.
type dying struct {
	*store.Receiver
	written chan struct{}
	release chan struct{}
}

func (d dying) Receive(ctx context.Context, all []reset.Queued) error {
	err := d.Receiver.Receive(ctx, all)
	close(d.written)
	<-d.release
	return err
}

// A request whose answer was lost is stored, and its delivery is due for any worker.
func TestKillBetweenCommitAndAnswer(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		limits, err := limit.New(s, rules, make([]byte, limit.SecretBytes), testkit.NewClock().Now)
		if err != nil {
			t.Fatal(err)
		}
		d := dying{s.NewReceiver(), make(chan struct{}), make(chan struct{})}
		w := intake.Start(limits, d)
		ctx, die := context.WithCancel(limit.Declare(t.Context(), limit.PerIP, limit.PerAddress))
		m := request("user@example.org", "203.0.113.7")
		unanswered := make(chan error)
		go func() { unanswered <- w.Receive(ctx, m.Reset, m.Delivery) }()
		<-d.written
		die()
		if err := <-unanswered; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want no answer", err)
		}
		due, err := s.Lease(t.Context(), reset.AllDue, now, now.Add(time.Minute), 10)
		if err != nil || len(due) != 1 || due[0].ResetID != m.Reset.ID || !due[0].Received() {
			t.Errorf("due: %v %v, want the delivery of the request", due, err)
		}
		close(d.release)
		w.Close()
	})
}

// blocked is a session whose database does not answer.
type blocked struct {
	broken
	release chan struct{}
}

func (b blocked) Receive(context.Context, []reset.Queued) error {
	<-b.release
	return nil
}

func TestFullQueueIsBusy(t *testing.T) {
	limits, err := limit.New(&store.Store{}, limit.Rules{}, make([]byte, limit.SecretBytes), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := blocked{release: make(chan struct{})}
	w := intake.Start(limits, b)
	ctx := limit.Declare(t.Context(), limit.PerIP, limit.PerAddress)
	m := request("user@example.org", "203.0.113.7")
	var busy atomic.Int64
	var callers sync.WaitGroup
	for range 3000 {
		callers.Go(func() {
			if err := w.Receive(ctx, m.Reset, m.Delivery); errors.Is(err, reset.ErrBusy) {
				busy.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for busy.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	close(b.release)
	callers.Wait()
	w.Close()
}
