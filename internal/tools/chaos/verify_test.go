package main

import (
	"net/http"
	"slices"
	"testing"

	"resetd/internal/testkit"
)

// world is a correct request with its link, its use and its two emails.
type world struct {
	ledger *ledger
	record record
	mails  []mailed
}

const link = "4a6b1a2e-0f3c-4a51-9b5e-3f5a3f0c9a11"

func sound() *world {
	l := newLedger()
	l.asked(l.ask(testkit.Email(0)), http.StatusSeeOther)
	l.posted(l.post(post{email: testkit.Email(0), link: link, password: "first"}), http.StatusGone)
	l.posted(l.post(post{email: testkit.Email(0), link: link, password: "second"}), http.StatusSeeOther)
	return &world{
		ledger: l,
		record: record{
			resets: []row{{ID: link, AskAgent: "chaos ask 0", UseAgent: "chaos use 1", Used: true}},
			deliveries: []delivery{
				{ID: "mail", Reset: link, Kind: "reset_link", Sent: true},
				{ID: "notice", Reset: link, Kind: "password_changed", Sent: true},
			},
		},
		mails: []mailed{{id: "mail", to: testkit.Email(0), token: "token"}, {id: "notice", to: testkit.Email(0)}},
	}
}

func (w *world) verify() counts { return w.ledger.verify(w.record, w.mails) }

func TestVerifyAcceptsACorrectWorld(t *testing.T) {
	w := sound()
	v := w.verify()
	if broken := w.ledger.broken; len(broken) > 0 {
		t.Errorf("broken: %q", broken)
	}
	if v.asks != 1 || v.uses != 1 || v.mails != 2 || v.repeated != 0 || v.unheard != 0 {
		t.Errorf("counted %+v", v)
	}
}

// A check that can't fail proves nothing. So each of these faults must be found in the
// right list.
func TestVerifyFindsFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(w *world)
		kind  string
	}{
		{"a request without a row", func(w *world) { w.ledger.asked(w.ledger.ask(testkit.Email(1)), http.StatusSeeOther) }, lost},
		{"a request with two rows", func(w *world) {
			w.record.resets = append(w.record.resets, row{ID: "other", AskAgent: "chaos ask 0", Withheld: true})
			w.record.deliveries = append(w.record.deliveries, delivery{ID: "other mail", Reset: "other", Kind: "reset_link"})
		}, lost},
		{"a use that is not on record", func(w *world) {
			w.record.resets[0].Used = false
			w.record.deliveries = w.record.deliveries[:1]
			w.mails = w.mails[:1]
		}, lost},
		{"two acknowledged uses", func(w *world) { w.ledger.posted(0, http.StatusSeeOther) }, twice},
		{"two notices of one use", func(w *world) {
			w.record.deliveries = append(w.record.deliveries, delivery{ID: "again", Reset: link, Kind: "password_changed", Sent: true})
			w.mails = append(w.mails, mailed{id: "again"})
		}, twice},
		{"a use without a notice", func(w *world) { w.record.deliveries = w.record.deliveries[:1]; w.mails = w.mails[:1] }, twice},
		{"a live link that was given up", func(w *world) {
			w.record.resets = append(w.record.resets, row{ID: "other"})
			w.record.deliveries = append(w.record.deliveries, delivery{ID: "other mail", Reset: "other", Kind: "reset_link"})
		}, unsent},
		{"a reset without a delivery", func(w *world) { w.record.resets = append(w.record.resets, row{ID: "other", Revoked: true}) }, unsent},
		{"an email that is still due", func(w *world) { w.record.deliveries[1].Sent, w.record.deliveries[1].Waiting = false, true }, unsent},
		{"an email that is sent again, but no server took", func(w *world) {
			d := &w.record.deliveries[1]
			d.Sent, d.Waiting, d.Again = false, true, true
			w.mails = w.mails[:1]
		}, unsent},
		{"an email that no server took", func(w *world) { w.mails = w.mails[:1] }, unsent},
		{"an email without a row", func(w *world) { w.mails = append(w.mails, mailed{id: "stranger"}) }, wrongName},
		{"a link mailed under two names", func(w *world) {
			w.record.deliveries = append(w.record.deliveries, delivery{ID: "mail 2", Reset: link, Kind: "reset_link", Sent: true})
			w.mails = append(w.mails, mailed{id: "mail 2", token: "token"})
		}, wrongName},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := sound()
			test.spoil(w)
			w.verify()
			if broken := w.ledger.broken; len(broken) != 1 || len(broken[test.kind]) != 1 {
				t.Errorf("got %q, want one %q", broken, test.kind)
			}
		})
	}
}

// Allowed events are counted and are not faults.
func TestVerifyCountsAllowedEvents(t *testing.T) {
	w := sound()
	w.ledger.asked(w.ledger.ask(testkit.Email(1)), 0)                             // never arrived
	w.ledger.asked(w.ledger.ask(testkit.Email(2)), http.StatusServiceUnavailable) // but was recorded
	w.ledger.posts[1].status = 0                                                  // used, and the answer was lost
	w.mails = append(w.mails, w.mails[0])                                         // sent again with the same Message-ID
	w.record.resets = append(w.record.resets,
		row{ID: "replaced", AskAgent: "chaos ask 2", Revoked: true}, row{ID: "too late", Closed: true}, row{ID: "nobody", Withheld: true})
	for _, id := range []string{"replaced", "too late", "nobody"} {
		w.record.deliveries = append(w.record.deliveries, delivery{ID: "mail of " + id, Reset: id, Kind: "reset_link"})
	}
	w.record.deliveries[1].Sent, w.record.deliveries[1].Waiting, w.record.deliveries[1].Again = false, true, true // taken without an answer
	v := w.verify()
	if broken := w.ledger.broken; len(broken) > 0 {
		t.Errorf("broken: %q", broken)
	}
	if v.repeated != 1 || v.unheard != 2 {
		t.Errorf("%d emails again and %d answers lost, want 1 and 2", v.repeated, v.unheard)
	}
}

func TestPasswordsAreTheLastRecorded(t *testing.T) {
	w := sound()
	n := w.ledger.post(post{email: testkit.Email(0), link: "later", password: "third"})
	w.record.resets = append(w.record.resets, row{ID: "later", UseAgent: "chaos use 2", Used: true})
	w.ledger.posted(n, 0) // the answer was lost
	got := w.ledger.passwords(w.record)
	if got[testkit.Email(0)] != (expected{now: "third", before: "second"}) {
		t.Errorf("got %+v", got[testkit.Email(0)])
	}
	if got[testkit.Email(1)] != (expected{now: testkit.Password}) {
		t.Errorf("an account without a use: %+v", got[testkit.Email(1)])
	}
}

func TestParseFindsLinkAndName(t *testing.T) {
	token := "jjvrulqphrffdg26h5nd6de2ceaacaqdaqcqmbyibefawdanbyhq"
	m := parse("ann@example.org", "Message-ID: <1-2@example.org>\r\n\r\nhttps://x/password-reset/confirm/"+token[:20]+"=\r\n"+token[20:]+"\r\n")
	if m.id != "1-2" || m.token != token || m.to != "ann@example.org" {
		t.Errorf("got %+v", m)
	}
	if got := linkID(m.token); got != link {
		t.Errorf("its reset is %s, want %s", got, link)
	}
}

func TestOnlyNamesParts(t *testing.T) {
	var got []string
	for _, p := range parts {
		if p.wanted("sqlite/kills, stops") {
			got = append(got, p.database+"/"+p.name)
		}
	}
	if want := []string{"SQLite/kills", "PostgreSQL/stops"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
