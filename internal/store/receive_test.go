package store_test

import (
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// A request whose rows were committed counts as received, also if the reply was lost.
func TestRequestIsReceivedOnceIfTheReplyIsLost(t *testing.T) {
	line := testkit.NewLine(t, testkit.Postgres(t))
	db, now := testkit.Database{Name: "postgres", URL: line.URL}, time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	s := db.Open(t)
	receiver := s.NewReceiver()
	defer receiver.Close()
	request := testkit.Reset(now, "")
	signUp := testkit.Reset(now, "")
	confirm := testkit.Delivery(now, signUp)
	confirm.Kind = reset.KindSignUpConfirm
	line.LoseReply("INSERT")
	must(t, receiver.Receive(t.Context(), []reset.Queued{{Reset: request, Delivery: testkit.Delivery(now, request)}, {Reset: signUp, Delivery: confirm}}))
	if got := db.Text(t, `SELECT (SELECT count(*) FROM password_resets) || ' ' || (SELECT count(*) FROM reset_signups) || ' ' || (SELECT count(*) FROM reset_deliveries)`); got != "1 1 2" {
		t.Errorf("requests, sign-ups and deliveries: got %s, want 1 1 2", got)
	}
}
