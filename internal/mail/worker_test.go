package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
	"resetd/internal/testkit/smtpsink"
)

const testLanes = 4

// due returns an email for the queue.
func due(address string) reset.Mail {
	return linkMail(func(m *reset.Mail) { m.Delivery.ID, m.Delivery.Recipient = uuid.New(), address })
}

// logged is a log that can be read while others write to it.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// work runs a worker that queries the queue only when it is woken. The returned
// function stops it and returns its log.
func work(t *testing.T, q *fakeQueue, tr Transport, edit ...func(*Worker)) (*Worker, func() string) {
	t.Helper()
	log := &logged{}
	w, err := NewWorker(WorkerConfig{Resets: q, Composer: newComposer(t, site), Transport: tr, Lanes: testLanes, Log: textLog(log)})
	must(t, err)
	w.poll = time.Hour
	w.outageWait = func(int) time.Duration { return time.Millisecond }
	for _, e := range edit {
		e(w)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	stop := func() string { cancel(); running.Wait(); return log.String() }
	t.Cleanup(func() { stop() })
	return w, stop
}

func TestWorkerSends(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	var mails []reset.Mail
	for i := range 3 * testLanes {
		mails = append(mails, due(fmt.Sprintf("user%d@example.org", i)))
	}
	q := newFakeQueue(mails...)
	_, stop := work(t, q, transport(t, sink.URL()))
	for _, m := range mails {
		if n := q.outcome(t, m.Delivery.Recipient); n.what != "sent" || !strings.HasPrefix(n.reply, "250 ") {
			t.Errorf("%s: %+v", m.Delivery.Recipient, n)
		}
	}
	if got := sink.Connections(); got > testLanes {
		t.Errorf("%d connections for %d lanes", got, testLanes)
	}
	log := stop()
	if strings.Count(log, "email sent") != len(mails) || !strings.Contains(log, mails[0].Delivery.ID.String()) {
		t.Errorf("log:\n%s", log)
	}
}

// An email that belongs to no reset names none in the log.
func TestWorkerLogsNoResetOfASignUp(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	m := signUpMail(reset.KindSignUpConfirm)
	q := newFakeQueue(m)
	_, stop := work(t, q, transport(t, sink.URL()))
	q.outcome(t, m.Delivery.Recipient)
	if log := stop(); !strings.Contains(log, "email sent") || strings.Contains(log, "reset=") || strings.Contains(log, `"reset"`) {
		t.Errorf("log:\n%s", log)
	}
}

func TestWorkerWakes(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	q := newFakeQueue()
	w, _ := work(t, q, transport(t, sink.URL()))
	q.wait(t, "the first lease", func() bool { return q.leases == 1 })
	q.change(func() { q.due = append(q.due, due("user@example.org")) })
	w.Wake()
	w.Wake() // never blocks
	w.Wake()
	q.outcome(t, "user@example.org")
}

func TestWorkerOutcomes(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Recipient: "unknown@example.org", Code: 550, Text: "5.1.1 no such user"})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Recipient: "later@example.org", Code: 451, Text: "4.7.1 greylisted"})
	sink.Add(smtpsink.Rule{At: smtpsink.Data, Recipient: "dropped@example.org", Drop: true})
	sink.Add(smtpsink.Rule{At: smtpsink.Data, Recipient: "quoted@example.org", Code: 554, Text: "bad link " + testToken().Encode()})
	wants := map[string]noted{
		"good@example.org":    {what: "sent", reply: "250 "},
		"unknown@example.org": {what: "failed", reply: "550 5.1.1 no such user"},
		"later@example.org":   {what: "deferred", reply: "451 4.7.1 greylisted"},
		"dropped@example.org": {what: "unanswered", reply: ErrClosed.Error()},
		"quoted@example.org":  {what: "failed", reply: "554 bad link [link]"},
		"two@a@example.org":   {what: "failed", reply: "the account's address is not one bare email address"},
	}
	q := newFakeQueue()
	for address := range wants {
		q.due = append(q.due, due(address))
	}
	_, stop := work(t, q, transport(t, sink.URL()))
	for address, want := range wants {
		got := q.outcome(t, address)
		if got.what != want.what || !strings.HasPrefix(got.reply, want.reply) {
			t.Errorf("%s: got %+v, want %+v", address, got, want)
		}
		if got.what == "deferred" && (got.wait < 4*time.Second || got.wait > 6*time.Second) {
			t.Errorf("%s: the first wait is %v", address, got.wait)
		}
	}
	log := stop()
	for _, secret := range []string{"@example.org", testToken().Encode(), "Example User"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}

func TestWorkerDropsIfNothingIsToSend(t *testing.T) {
	q := newFakeQueue(due("user@example.org"))
	q.prepare = reset.ErrNothingToSend
	work(t, q, failing{})
	if n := q.outcome(t, "user@example.org"); n.what != "dropped" {
		t.Errorf("got %+v", n)
	}
}

func TestWorkerDefersIfPrepareFails(t *testing.T) {
	q := newFakeQueue(due("user@example.org"))
	q.prepare = fmt.Errorf("prepare mail: %w", reset.ErrUnavailable)
	work(t, q, failing{})
	n := q.outcome(t, "user@example.org")
	if n.what != "deferred" || !n.until.Equal(asked.Add(reset.MaxLifetime-5*time.Minute)) {
		t.Errorf("got %+v", n)
	}
}

func TestWorkerFailsMailsOfLostResets(t *testing.T) {
	q := newFakeQueue(due("user@example.org"))
	q.prepare = fmt.Errorf("prepare mail: %w", reset.ErrNotFound)
	work(t, q, failing{})
	if n := q.outcome(t, "user@example.org"); n.what != "failed" {
		t.Errorf("got %+v", n)
	}
}

// failing is an email server that can't be reached.
type failing struct{}

func (failing) Open(context.Context) (Conn, error) {
	return nil, &Error{Text: "the mail server can't be reached"}
}

func TestUnavailableServerDefersAll(t *testing.T) {
	q := newFakeQueue(due("a@example.org"), due("b@example.org"))
	_, stop := work(t, q, failing{})
	for _, address := range []string{"a@example.org", "b@example.org"} {
		if n := q.outcome(t, address); n.what != "deferred" || n.reply != "the mail server can't be reached" {
			t.Errorf("%s: %+v", address, n)
		}
	}
	if log := stop(); strings.Count(log, "mail server is unavailable") != 1 {
		t.Errorf("want the outage in the log once, got:\n%s", log)
	}
}

// A domain whose server stalls gets two lanes while emails to other domains wait, so
// those go out.
func TestOneDomainDoesNotDelayTheOthers(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	var mails []reset.Mail
	for i := range 2 * testLanes {
		address := fmt.Sprintf("user%d@stalled.example.org", i)
		sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Recipient: address, Stall: true})
		mails = append(mails, due(address))
	}
	for i := range 5 * testLanes {
		mails = append(mails, due(fmt.Sprintf("user%d@example.org", i)))
	}
	q := newFakeQueue(mails...)
	work(t, q, transport(t, sink.URL()), func(w *Worker) { w.grace = 0 })
	for i := range 5 * testLanes {
		if n := q.outcome(t, fmt.Sprintf("user%d@example.org", i)); n.what != "sent" {
			t.Errorf("user %d: %+v", i, n)
		}
	}
}

// An email server that stalls delays emails. Accounts are looked up nevertheless, so
// staff see what becomes of each request.
func TestStalledMailServerDoesNotStopMatching(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Stall: true})
	var mails []reset.Mail
	for i := range mostWaiting + 3*batchSize {
		m := due(fmt.Sprintf("user%d@example.org", i))
		m.Delivery.UserID = ""
		mails = append(mails, m)
	}
	q := newFakeQueue(mails...)
	w, _ := work(t, q, transport(t, sink.URL()), func(w *Worker) { w.grace = 0 })
	for matched := 0; matched < len(mails); {
		w.Wake()
		q.wait(t, "all requests to be matched", func() bool { matched = q.matched; return true })
		time.Sleep(time.Millisecond)
	}
	q.wait(t, "the emails that do not fit to be given back", func() bool { return q.renewed > 0 })
}

// Matching that fails for one of many requests does not hold up the others.
func TestOneBadRequestDoesNotDelayTheOthers(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	received := func(address string) reset.Mail {
		return linkMail(func(m *reset.Mail) { m.Delivery.ID, m.Delivery.Recipient, m.Delivery.UserID = uuid.New(), address, "" })
	}
	q := newFakeQueue(received("good@example.org"), received("bad@example.org"), received("fine@example.org"))
	q.unmatchable = "bad@example.org"
	work(t, q, transport(t, sink.URL()))
	for address, want := range map[string]string{"good@example.org": "sent", "fine@example.org": "sent", "bad@example.org": "deferred"} {
		if n := q.outcome(t, address); n.what != want {
			t.Errorf("%s: %+v, want %s", address, n, want)
		}
	}
}

func TestStalledMailBlocksNoOther(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Recipient: "stalled@example.org", Stall: true})
	q := newFakeQueue(due("stalled@example.org"))
	for i := range 5 * testLanes {
		q.due = append(q.due, due(fmt.Sprintf("user%d@example.org", i)))
	}
	_, stop := work(t, q, transport(t, sink.URL()), func(w *Worker) { w.grace = time.Millisecond })
	sink.WaitStalled(t, 1)
	sink.Wait(t, 5*testLanes)
	stop()
	if n := q.outcome(t, "stalled@example.org"); n.what != "deferred" || !strings.Contains(n.reply, "stopped this attempt") {
		t.Errorf("the stalled mail: %+v", n)
	}
}

// slow is an email server that answers when the test tells it to.
type slow struct{ sending, answer chan struct{} }

func (s slow) Open(context.Context) (Conn, error) { return s, nil }
func (s slow) Close() error                       { return nil }
func (s slow) Send(context.Context, *gomail.Msg) (string, error) {
	s.sending <- struct{}{}
	<-s.answer
	return "250 ok", nil
}

func TestStopFinishesStartedMails(t *testing.T) {
	server := slow{make(chan struct{}), make(chan struct{})}
	q := newFakeQueue(due("user@example.org"))
	_, stop := work(t, q, server)
	<-server.sending
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("the worker stopped while an email was being sent")
	case server.answer <- struct{}{}:
		<-stopped
	}
	if n := q.notes["user@example.org"]; n.what != "sent" {
		t.Errorf("noted %+v", n)
	}
}

func TestPanicFailsOnlyOneMail(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	q := newFakeQueue(due("panic@example.org"), due("good@example.org"))
	_, stop := work(t, q, transport(t, sink.URL()), func(w *Worker) {
		compose := w.compose
		w.compose = func(m reset.Mail) (*gomail.Msg, error) {
			if m.Delivery.Recipient == "panic@example.org" {
				panic(m.Token.Encode())
			}
			return compose(m)
		}
	})
	if n := q.outcome(t, "panic@example.org"); n.what != "failed" {
		t.Errorf("got %+v", n)
	}
	if n := q.outcome(t, "good@example.org"); n.what != "sent" {
		t.Errorf("got %+v", n)
	}
	if log := stop(); strings.Contains(log, testToken().Encode()) || !strings.Contains(log, "sending an email panicked") {
		t.Errorf("log:\n%s", log)
	}
}

func TestDatabaseOutageIsLoggedOnce(t *testing.T) {
	q := newFakeQueue(due("user@example.org"))
	q.down = errors.New("database unavailable")
	sink := smtpsink.Start(t, smtpsink.Options{})
	_, stop := work(t, q, transport(t, sink.URL()))
	q.wait(t, "a second lease", func() bool { return q.leases >= 2 })
	q.change(func() { q.down = nil })
	q.outcome(t, "user@example.org")
	log := stop()
	if strings.Count(log, "email queue is unavailable") != 1 || strings.Count(log, "email queue is available again") != 1 {
		t.Errorf("log:\n%s", log)
	}
}

func TestOutcomeIsStoredAfterADatabaseOutage(t *testing.T) {
	server := slow{make(chan struct{}), make(chan struct{})}
	q := newFakeQueue(due("user@example.org"))
	work(t, q, server)
	<-server.sending
	q.change(func() { q.down = errors.New("database unavailable") })
	server.answer <- struct{}{}
	q.wait(t, "an attempt to store the outcome", func() bool { return q.refused > 0 })
	q.change(func() { q.down = nil })
	if n := q.outcome(t, "user@example.org"); n.what != "sent" {
		t.Errorf("got %+v", n)
	}
}

func TestNewWorkerRefuses(t *testing.T) {
	whole := WorkerConfig{Resets: newFakeQueue(), Composer: newComposer(t, site), Transport: failing{}, Log: quiet}
	for i, edit := range []func(*WorkerConfig){
		func(c *WorkerConfig) { c.Resets = nil },
		func(c *WorkerConfig) { c.Composer = nil },
		func(c *WorkerConfig) { c.Transport = nil },
		func(c *WorkerConfig) { c.Log = nil },
	} {
		cfg := whole
		edit(&cfg)
		if _, err := NewWorker(cfg); err == nil {
			t.Errorf("case %d was accepted", i)
		}
	}
}

var _ Queue = (*reset.Service)(nil)
