package mail

import (
	"fmt"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit/smtpsink"
)

// A request that gets no email takes as much of a lane as an email, so the emails of
// others arrive at the same time.
func TestRequestWithoutEmailTakesItsTurn(t *testing.T) {
	w := &Worker{lanes: testLanes}
	var received []reset.Delivery
	var mails []reset.Mail
	for i := range 5 {
		m := due(fmt.Sprintf("user%d@example.org", i))
		received = append(received, m.Delivery)
		if i%2 == 0 {
			mails = append(mails, m)
		}
	}
	jobs := w.turns(received, mails)
	if len(jobs) != len(received) {
		t.Fatalf("%d jobs for %d requests", len(jobs), len(received))
	}
	for i, j := range jobs {
		if j.delivery().ID != received[i].ID || j.blank != (i%2 == 1) || j.complete == j.blank {
			t.Errorf("job %d: %+v", i, j)
		}
	}
}

func TestManyRequestsWithoutEmailTakeNoTurn(t *testing.T) {
	w := &Worker{lanes: testLanes}
	var received []reset.Delivery
	for range 2*testLanes + 1 {
		received = append(received, due("user@example.org").Delivery)
	}
	if jobs := w.turns(received, nil); len(jobs) != 0 {
		t.Errorf("%d jobs, want none", len(jobs))
	}
}

// The worker stops although a request that gets no email has its turn.
func TestStopEndsTurns(t *testing.T) {
	sink := smtpsink.Start(t, smtpsink.Options{})
	m := due("nobody@example.org")
	m.Delivery.UserID = ""
	q := newFakeQueue(m)
	q.unmatched = "nobody@example.org"
	_, stop := work(t, q, transport(t, sink.URL()), func(w *Worker) { w.took.Store(int64(time.Hour)) })
	q.wait(t, "the request to be matched", func() bool { return q.matched == 1 })
	stop()
	if n := len(sink.Messages()); n != 0 {
		t.Errorf("%d emails, want none", n)
	}
}
