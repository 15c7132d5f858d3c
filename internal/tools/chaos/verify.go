package main

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"resetd/internal/testkit"
)

// counts are the figures of a trial, apart from its faults.
type counts struct {
	asks, uses int // acknowledged
	mails      int // accepted by the mail server
	repeated   int // of these, repeated ones
	unheard    int // recorded requests and uses whose answer was lost
}

// verify compares the record and the emails with the answers of the clients, and records
// each difference as a fault. It runs after the last request, when no email is due.
func (l *ledger) verify(r record, mails []mailed) (c counts) {
	l.verifyAsks(&c, r)
	l.verifyUses(&c, r)
	l.verifyMails(&c, r, mails)
	l.verifyDue(r, mails)
	return c
}

// verifyAsks checks that every acknowledged request has exactly one row.
func (l *ledger) verifyAsks(c *counts, r record) {
	rows := map[int]int{}
	for _, x := range r.resets {
		rows[number(x.AskAgent, askAgent)]++
	}
	for n, a := range l.asks {
		if acknowledged(a.status) {
			c.asks++
		}
		if unknown(a.status) && rows[n] > 0 {
			c.unheard++
		}
		switch {
		case acknowledged(a.status) && rows[n] == 0:
			l.fault(lost, "request %d for %s was acknowledged and has no row", n, a.email)
		case rows[n] > 1:
			l.fault(lost, "request %d for %s has %d rows", n, a.email, rows[n])
		}
	}
}

// verifyUses checks that the acknowledged use of a link is the recorded one, and the only
// one. A use queues one notice in its transaction, so two notices prove two uses, even
// if the row shows one.
func (l *ledger) verifyUses(c *counts, r record) {
	notices := map[string]int{}
	for _, d := range r.deliveries {
		if d.Kind == "password_changed" {
			notices[d.Reset]++
		}
	}
	winner := map[string]int{}
	for _, x := range r.resets {
		if x.Used {
			winner[x.ID] = number(x.UseAgent, useAgent)
		}
		if want := map[bool]int{true: 1}[x.Used || x.Unknown]; notices[x.ID] != want {
			l.fault(twice, "link %s: %d notices of its use, want %d", x.ID, notices[x.ID], want)
		}
	}
	for n, p := range l.posts {
		on, used := winner[p.link]
		if unknown(p.status) && used && on == n {
			c.unheard++
		}
		if !acknowledged(p.status) {
			continue
		}
		c.uses++
		switch {
		case !used:
			l.fault(lost, "use %d of link %s was acknowledged and is not recorded", n, p.link)
		case on != n:
			l.fault(twice, "use %d of link %s was acknowledged, and use %d is recorded", n, p.link, on)
		}
	}
}

// verifyMails checks that every sent email is in the record, and that repeated emails
// have the same Message-ID.
func (l *ledger) verifyMails(c *counts, r record, mails []mailed) {
	known := map[string]bool{}
	for _, d := range r.deliveries {
		known[d.ID] = true
	}
	seen, name := map[string]bool{}, map[string]string{}
	c.mails = len(mails)
	for _, m := range mails {
		if seen[m.id] {
			c.repeated++
		}
		seen[m.id] = true
		if !known[m.id] {
			l.fault(wrongName, "email %s to %s has no row", m.id, m.to)
		}
		if m.token == "" {
			continue
		}
		if other := name[m.token]; other != "" && other != m.id {
			l.fault(wrongName, "link %s was sent as %s and as %s", linkID(m.token), other, m.id)
		}
		name[m.token] = m.id
	}
}

// verifyDue checks that every live link, every used link and every notice was sent, and
// that every email recorded as sent was sent.
func (l *ledger) verifyDue(r record, mails []mailed) {
	taken := map[string]bool{}
	for _, m := range mails {
		taken[m.id] = true
	}
	rows := map[string]row{}
	for _, x := range r.resets {
		rows[x.ID] = x
	}
	has := map[string]bool{}
	for _, d := range r.deliveries {
		x := rows[d.Reset]
		has[d.Reset] = has[d.Reset] || d.Kind == "reset_link"
		dead := d.Kind == "reset_link" && (x.Withheld || x.Used || x.Revoked || x.Closed)
		switch {
		case d.Again && taken[d.ID]:
		case d.Waiting:
			l.fault(unsent, "%s %s is still due", d.Kind, d.ID)
		case d.Sent && !taken[d.ID]:
			l.fault(unsent, "%s %s is recorded as sent, but no server accepted it", d.Kind, d.ID)
		case !d.Sent && !dead:
			l.fault(unsent, "%s %s was due and is not sent", d.Kind, d.ID)
		}
	}
	for _, x := range r.resets {
		if !has[x.ID] {
			l.fault(unsent, "reset %s has no delivery", x.ID)
		}
	}
}

// expected is an account's last password, and an older one that must not work.
type expected struct{ now, before string }

// passwords follows the recorded uses of each account. A recorded use counts even if its
// answer was lost.
func (l *ledger) passwords(r record) map[string]expected {
	won := map[int]bool{}
	for _, x := range r.resets {
		if x.Used {
			won[number(x.UseAgent, useAgent)] = true
		}
	}
	all := map[string]expected{}
	for i := range accountCount {
		all[testkit.Email(i)] = expected{now: testkit.Password}
	}
	for n, p := range l.posts { // oldest first; those of an account are sequential
		if won[n] {
			all[p.email] = expected{now: p.password, before: all[p.email].now}
		}
	}
	return all
}

// print prints the figures of a trial and each broken promise.
func (t *trial) print(out io.Writer, c counts) {
	line := func(name string, value any) { _, _ = fmt.Fprintf(out, "%-26s%11v\n", name, value) }
	for _, kind := range slices.Sorted(maps.Keys(t.faults)) {
		line(kind, t.faults[kind])
	}
	line("requests", t.ledger.total())
	line("requests acknowledged", c.asks)
	line("uses acknowledged", c.uses)
	line("done, answer lost", c.unheard)
	line("emails accepted", c.mails)
	line("of these, sent twice", c.repeated)
	line("answers 503", t.ledger.count(http.StatusServiceUnavailable))
	line("no answer", t.ledger.count(0))
	if t.twoDatabases {
		line("kills that left a claim", t.left)
		line("passwords by application", len(t.own))
		line("outcome unknown", t.unknown)
	}
	line("longest answer", t.ledger.longest.Round(time.Millisecond))
	line("slowest recovery", t.ledger.slowest.Round(time.Millisecond))
	line("all emails settled after", t.settled.Round(time.Second))
	for _, kind := range []string{lost, twice, unsent, wrongName, wrongPassword, unanswered, other} {
		line(kind, len(t.ledger.broken[kind]))
		for _, text := range t.ledger.broken[kind] {
			_, _ = fmt.Fprintln(out, "  BROKEN:", text)
		}
	}
}
