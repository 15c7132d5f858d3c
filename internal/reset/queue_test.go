package reset_test

import (
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// lease returns the only email that is due.
func (w world) lease() reset.Delivery {
	w.Helper()
	leased, err := w.resets.Lease(w.Context(), reset.AllDue, time.Minute, 10)
	w.must(err)
	if len(leased) != 1 {
		w.Fatalf("%d emails are due, want 1", len(leased))
	}
	return leased[0]
}

// notice sets a password and returns the email about it.
func (w world) notice() reset.Mail {
	w.Helper()
	w.user("user@example.org")
	id := w.link("user@example.org")
	w.must(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor))
	m, err := w.resets.Prepare(w.Context(), w.lease())
	w.must(err)
	return m
}

// A server that refuses for now, such as one with greylisting, gets its last attempt
// while the link still has a quarter of its lifetime, or five minutes.
func TestLastAttemptComesWellBeforeTheExpiry(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		m := w.mails("user@example.org")[0]
		w.clock.Add(50 * time.Minute)
		w.must(w.resets.Deferred(w.Context(), m, 9*time.Minute, "451 later"))
		d, err := w.store.Delivery(w.Context(), m.Delivery.ID)
		w.must(err)
		if left := m.Reset.ExpiresAt.Sub(d.NextAttemptAt); left < 5*time.Minute || left > 6*time.Minute {
			t.Fatalf("the last attempt is %v before the expiry", left)
		}
		w.clock.Add(d.NextAttemptAt.Sub(w.clock.Now()))
		w.must(w.resets.Deferred(w.Context(), m, 9*time.Minute, "451 later"))
		d, err = w.store.Delivery(w.Context(), m.Delivery.ID)
		w.must(err)
		if d.FailedAt.IsZero() || !d.NextAttemptAt.IsZero() {
			t.Errorf("failed at %v, next attempt at %v; want no further attempt", d.FailedAt, d.NextAttemptAt)
		}
	})
}

func TestLinkWithLittleLifetimeIsNotSent(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		m := w.mails("user@example.org")[0]
		w.clock.Add(54 * time.Minute)
		again, err := w.resets.Prepare(w.Context(), m.Delivery)
		w.must(err)
		if left := again.Reset.ExpiresAt.Sub(again.Now()); left != 6*time.Minute {
			t.Errorf("%v left, want 6 minutes", left)
		}
		w.clock.Add(time.Minute)
		_, err = w.resets.Prepare(w.Context(), m.Delivery)
		w.want(err, reset.ErrTooLate)
	})
}

// Nobody knows whether the email arrived, so staff see that, and the person, who may
// ask again, gets no second email.
func TestUnansweredLinkIsNotSentAgain(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		m := w.mails("user@example.org")[0]
		m.Delivery.LastServer, m.Delivery.MessageID = "mx.example.org:587", "1@example.org"
		w.must(w.resets.Unanswered(w.Context(), m, "no answer"))
		r, err := w.store.Reset(w.Context(), m.Reset.ID)
		w.must(err)
		d, err := w.store.Delivery(w.Context(), m.Delivery.ID)
		w.must(err)
		if r.Mail != reset.MailUnknown || !d.NextAttemptAt.IsZero() || !d.SentAt.IsZero() || !d.FailedAt.IsZero() || d.MessageID != "1@example.org" {
			t.Errorf("mail is %q, delivery %+v", r.Mail, d)
		}
		if kind := w.db.Text(t, `SELECT kind FROM reset_events ORDER BY id DESC LIMIT 1`); kind != "unanswered" {
			t.Errorf("the event is %q", kind)
		}
	})
}

// Nobody can ask for a notice, so it is sent once more.
func TestUnansweredNoticeIsSentOnceMore(t *testing.T) {
	eachWorld(t, func(w world) {
		m := w.notice()
		w.must(w.resets.Unanswered(w.Context(), m, "no answer"))
		w.clock.Add(59 * time.Minute)
		if due := w.due(); len(due) != 0 {
			t.Fatal("it is sent again within an hour")
		}
		w.clock.Add(time.Minute)
		m, err := w.resets.Prepare(w.Context(), w.lease())
		w.must(err)
		w.must(w.resets.Unanswered(w.Context(), m, "no answer"))
		w.clock.Add(25 * time.Hour)
		if due := w.due(); len(due) != 0 {
			t.Error("it is sent a third time")
		}
	})
}
