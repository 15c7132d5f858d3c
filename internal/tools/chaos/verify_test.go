package main

import (
	"net/http"
	"slices"
	"testing"
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
	l.asked(l.ask(address(0)), http.StatusSeeOther)
	l.posted(l.post(post{email: address(0), link: link, password: "first"}), http.StatusGone)
	l.posted(l.post(post{email: address(0), link: link, password: "second"}), http.StatusSeeOther)
	return &world{
		ledger: l,
		record: record{
			resets: []row{{id: link, askAgent: "chaos ask 0", useAgent: "chaos use 1", used: true}},
			deliveries: []delivery{
				{id: "mail", reset: link, kind: "reset_link", sent: true},
				{id: "notice", reset: link, kind: "password_changed", sent: true},
			},
		},
		mails: []mailed{{id: "mail", to: address(0), token: "token"}, {id: "notice", to: address(0)}},
	}
}

func (w *world) verify() verdict { return w.ledger.verify(w.record, w.mails) }

func TestVerifyAcceptsACorrectWorld(t *testing.T) {
	v := sound().verify()
	if broken := v.broken(); len(broken) > 0 {
		t.Errorf("broken: %q", broken)
	}
	if v.asks != 1 || v.uses != 1 || v.mails != 2 || v.repeated != 0 || v.unheard != 0 {
		t.Errorf("counted %+v", v)
	}
}

// A check that can't fail proves nothing. So each of these faults must be found in the
// right list.
func TestVerifyFindsFaults(t *testing.T) {
	lost := func(v verdict) []string { return v.lost }
	twice := func(v verdict) []string { return v.twice }
	unsent := func(v verdict) []string { return v.unsent }
	mail := func(v verdict) []string { return v.mail }
	for _, test := range []struct {
		name  string
		spoil func(w *world)
		found func(v verdict) []string
	}{
		{"a request without a row", func(w *world) { w.ledger.asked(w.ledger.ask(address(1)), http.StatusSeeOther) }, lost},
		{"a request with two rows", func(w *world) {
			w.record.resets = append(w.record.resets, row{id: "other", askAgent: "chaos ask 0", withheld: true})
			w.record.deliveries = append(w.record.deliveries, delivery{id: "other mail", reset: "other", kind: "reset_link"})
		}, lost},
		{"a use that is not on record", func(w *world) {
			w.record.resets[0].used = false
			w.record.deliveries = w.record.deliveries[:1]
			w.mails = w.mails[:1]
		}, lost},
		{"two acknowledged uses", func(w *world) { w.ledger.posted(0, http.StatusSeeOther) }, twice},
		{"two notices of one use", func(w *world) {
			w.record.deliveries = append(w.record.deliveries, delivery{id: "again", reset: link, kind: "password_changed", sent: true})
			w.mails = append(w.mails, mailed{id: "again"})
		}, twice},
		{"a use without a notice", func(w *world) { w.record.deliveries = w.record.deliveries[:1]; w.mails = w.mails[:1] }, twice},
		{"a live link that was given up", func(w *world) {
			w.record.resets = append(w.record.resets, row{id: "other"})
			w.record.deliveries = append(w.record.deliveries, delivery{id: "other mail", reset: "other", kind: "reset_link", failed: true})
		}, unsent},
		{"a reset without a delivery", func(w *world) { w.record.resets = append(w.record.resets, row{id: "other", revoked: true}) }, unsent},
		{"a mail that is still due", func(w *world) { w.record.deliveries[1].sent, w.record.deliveries[1].waiting = false, true }, unsent},
		{"a mail that no server took", func(w *world) { w.mails = w.mails[:1] }, unsent},
		{"a mail without a row", func(w *world) { w.mails = append(w.mails, mailed{id: "stranger"}) }, mail},
		{"a link mailed under two names", func(w *world) {
			w.record.deliveries = append(w.record.deliveries, delivery{id: "mail 2", reset: link, kind: "reset_link", sent: true})
			w.mails = append(w.mails, mailed{id: "mail 2", token: "token"})
		}, mail},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := sound()
			test.spoil(w)
			v := w.verify()
			if found := test.found(v); len(found) != 1 || len(v.broken()) != 1 {
				t.Errorf("found %q, in total %q, want one line", found, v.broken())
			}
		})
	}
}

// Allowed events are counted and are not faults.
func TestVerifyCountsAllowedEvents(t *testing.T) {
	w := sound()
	w.ledger.asked(w.ledger.ask(address(1)), 0)                             // never arrived
	w.ledger.asked(w.ledger.ask(address(2)), http.StatusServiceUnavailable) // but was recorded
	w.ledger.posts[1].status = 0                                            // used, and the answer was lost
	w.mails = append(w.mails, w.mails[0])                                   // sent again with the same Message-ID
	w.record.resets = append(w.record.resets,
		row{id: "replaced", askAgent: "chaos ask 2", revoked: true}, row{id: "too late", closed: true}, row{id: "nobody", withheld: true})
	for _, id := range []string{"replaced", "too late", "nobody"} {
		w.record.deliveries = append(w.record.deliveries, delivery{id: "mail of " + id, reset: id, kind: "reset_link"})
	}
	v := w.verify()
	if broken := v.broken(); len(broken) > 0 {
		t.Errorf("broken: %q", broken)
	}
	if v.repeated != 1 || v.unheard != 2 {
		t.Errorf("%d mails again and %d answers lost, want 1 and 2", v.repeated, v.unheard)
	}
}

func TestPasswordsAreTheLastRecorded(t *testing.T) {
	w := sound()
	n := w.ledger.post(post{email: address(0), link: "later", password: "third"})
	w.record.resets = append(w.record.resets, row{id: "later", useAgent: "chaos use 2", used: true})
	w.ledger.posted(n, 0) // the answer was lost
	got := w.ledger.passwords(w.record)
	if got[address(0)] != (expected{now: "third", before: "second"}) {
		t.Errorf("got %+v", got[address(0)])
	}
	if got[address(1)] != (expected{now: firstPassword}) {
		t.Errorf("an account without a use: %+v", got[address(1)])
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
	for _, p := range (&stand{}).parts() {
		if p.wanted("sqlite/kills, clock") {
			got = append(got, p.database+"/"+p.name)
		}
	}
	if want := []string{"SQLite/kills", "SQLite/clock", "PostgreSQL/clock"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
