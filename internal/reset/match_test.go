package reset_test

import (
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

// received requests a reset and returns its leased delivery.
func (w world) received(email string) reset.Delivery {
	w.Helper()
	w.must(w.resets.Request(w.Context(), testkit.Address(w, email), testkit.Visitor, "de"))
	leased, err := w.resets.Lease(w.Context(), reset.AllDue, time.Minute, 10)
	w.must(err)
	if len(leased) != 1 || !leased[0].Received() {
		w.Fatalf("leased %v, want one received request", leased)
	}
	return leased[0]
}

func (w world) row(d reset.Delivery) reset.Reset {
	w.Helper()
	r, err := w.store.Reset(w.Context(), d.ResetID)
	w.must(err)
	return r
}

func (w world) match(d ...reset.Delivery) []reset.Mail {
	w.Helper()
	mails, err := w.resets.Match(w.Context(), d)
	w.must(err)
	return mails
}

// Until the worker looks, rows of every address have the same shape.
func TestRequestLooksNothingUp(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		for _, email := range []string{"user@example.org", "nobody@example.org"} {
			d := w.received(email)
			r := w.row(d)
			if r.Status(w.clock.Now()) != reset.StatusReceived || r.UserID != "" || r.AccountState != "" || r.Mail != "" {
				w.Errorf("%s: got %+v, want a received row", email, r)
			}
			if d.Recipient != email || d.UserID != "" || d.Locale != "de" {
				w.Errorf("%s: got %v, want the typed address and the browser's locale", email, d)
			}
			_, err := w.resets.Show(w.Context(), r.ID)
			w.want(err, reset.ErrNoLink)
		}
	})
}

func TestTwoWorkersMatchOneRowOnce(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		d := w.received("user@example.org")
		if first, second := w.match(d), w.match(d); len(first) != 1 || len(second) != 0 {
			w.Errorf("%d and %d emails, want 1 and 0", len(first), len(second))
		}
	})
}

// A worker that dies between matching and sending leaves a matched delivery, whose
// lease ends.
func TestMatchedMailIsSentByAnotherWorker(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		first := w.match(w.received("user@example.org"))
		w.clock.Add(2 * time.Minute)
		due := w.due()
		if len(due) != 1 || due[0].Token != first[0].Token || due[0].Denial != first[0].Denial {
			w.Errorf("got %v, want the same email", due)
		}
	})
}

func TestRequestBeforeAnotherUseGetsNoMail(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		used := w.link("user@example.org")
		w.clock.Add(time.Minute)
		d := w.received("user@example.org")
		w.clock.Add(time.Minute)
		w.must(w.resets.Use(w.Context(), used, newPassword, newPassword, testkit.Visitor))
		if mails := w.match(d); len(mails) != 0 {
			w.Errorf("%d emails, want none", len(mails))
		}
		r := w.row(d)
		if r.RevokedBy != reset.RevokedOtherLink || r.UserID == "" || r.Mail != "" {
			w.Errorf("got %+v, want a reset that the other link ended", r)
		}
		w.due() // the notice of the use
		w.clock.Add(time.Minute)
		if mails := w.match(w.received("user@example.org")); len(mails) != 1 {
			w.Errorf("a request after the use: %d emails, want 1", len(mails))
		}
	})
}

func TestRequestThatIsNotMatchedInTimeIsUnmatched(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		d := w.received("user@example.org")
		w.clock.Add(time.Hour)
		if mails := w.match(d); len(mails) != 0 {
			w.Errorf("%d emails, want none", len(mails))
		}
		if r := w.row(d); r.Withheld != reset.WithheldUnmatched {
			w.Errorf("withheld: got %q, want unmatched", r.Withheld)
		}
		if due := w.due(); len(due) != 0 {
			w.Errorf("%d emails are due, want none", len(due))
		}
	})
}

// The application may have two accounts with one address.
func TestEachAccountOfAnAddressGetsALink(t *testing.T) {
	eachWorld(t, func(w world) {
		w.db.SQL(w.T, `DROP INDEX users_by_email`)
		w.user("user@example.org")
		w.user("other@example.org", func(u *users.User) { u.Email = "User@example.org" })
		w.user("third@example.org", func(u *users.User) { u.Email, u.Active = "uSer@example.org", false })
		d := w.received("user@example.org")
		mails := append(w.match(d), w.due()...)
		if len(mails) != 2 || !mails[0].Several || !mails[1].Several || mails[0].Account.ID == mails[1].Account.ID || mails[0].Token == mails[1].Token {
			w.Fatalf("got %v, want an email for each of the two active accounts", mails)
		}
		rows := testkit.Resets(w, w.store, history.Filter{Email: "user@example.org"}, w.clock.Now())
		if len(rows) != 3 {
			w.Errorf("%d rows, want one for each account", len(rows))
		}
		for _, r := range rows {
			if !r.CreatedAt.Equal(rows[0].CreatedAt) || r.CreatedByIP != testkit.Visitor.IP {
				w.Errorf("got %+v, want the time and the visitor of the request", r)
			}
		}
	})
}

func TestSecondSubmissionOfAFormSucceeds(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		id, elsewhere := w.link("user@example.org"), testkit.Visitor
		elsewhere.IP = elsewhere.IP.Next()
		use := func(plain string, by reset.Client) error {
			return w.resets.Use(w.Context(), id, plain, plain, by)
		}
		w.must(use(newPassword, testkit.Visitor))
		w.clock.Add(2*time.Minute - time.Microsecond)
		w.must(use(newPassword, testkit.Visitor))
		w.want(use(newPassword, elsewhere), reset.ErrUsed)
		w.want(use(newPassword+"!", testkit.Visitor), reset.ErrUsed)
		w.clock.Add(time.Microsecond)
		w.want(use(newPassword, testkit.Visitor), reset.ErrUsed)
		if mails := w.due(); len(mails) != 1 {
			w.Errorf("%d notices, want 1", len(mails))
		}
	})
}

func TestScannerDoesNotCountAsOpened(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		id := w.link("user@example.org")
		_, err := w.resets.Open(w.Context(), id, reset.Client{IP: testkit.Visitor.IP, Agent: "curl/8.5"}, reset.Fetch{})
		w.must(err)
		r, err := w.store.Reset(w.Context(), id)
		w.must(err)
		if !r.OpenedAt.IsZero() {
			w.Errorf("opened at %v, want never: a scanner looked", r.OpenedAt)
		}
		w.clock.Add(time.Hour / 2)
		_, err = w.resets.Open(w.Context(), id, testkit.Visitor, reset.Fetch{Languages: true, Navigates: true})
		w.must(err)
		if r, err = w.store.Reset(w.Context(), id); err != nil || !r.OpenedAt.Equal(w.clock.Now()) {
			w.Errorf("opened at %v (%v), want now", r.OpenedAt, err)
		}
	})
}
