package main

import (
	"fmt"
	"slices"
)

// verdict contains the broken promises, one line for each case, and figures.
type verdict struct {
	lost     []string // acknowledged requests that are not in the record
	twice    []string // links used twice
	unsent   []string // links and notices that were due but never sent
	mail     []string // emails with two Message-IDs, or without a row
	password []string // accounts whose last password does not sign in, or an older one does
	other    []string

	asks, uses int // acknowledged
	mails      int // accepted by the mail server
	repeated   int // of these, repeated ones
	unheard    int // recorded requests and uses whose answer was lost
}

func (v verdict) broken() []string {
	return slices.Concat(v.lost, v.twice, v.unsent, v.mail, v.password, v.other)
}

// verify compares the record and the emails with the answers of the clients. It runs
// after the last request, when no email is due.
func (l *ledger) verify(r record, mails []mailed) verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	var v verdict
	l.verifyAsks(&v, r)
	l.verifyUses(&v, r)
	verifyMails(&v, r, mails)
	verifyDue(&v, r, mails)
	return v
}

// verifyAsks checks that every acknowledged request has exactly one row.
func (l *ledger) verifyAsks(v *verdict, r record) {
	rows := map[int]int{}
	for _, x := range r.resets {
		rows[number(x.askAgent, askAgent)]++
	}
	for n, a := range l.asks {
		if acknowledged(a.status) {
			v.asks++
		}
		if unknown(a.status) && rows[n] > 0 {
			v.unheard++
		}
		switch {
		case acknowledged(a.status) && rows[n] == 0:
			v.lost = append(v.lost, fmt.Sprintf("request %d for %s was acknowledged and has no row", n, a.email))
		case rows[n] > 1:
			v.lost = append(v.lost, fmt.Sprintf("request %d for %s has %d rows", n, a.email, rows[n]))
		}
	}
}

// verifyUses checks that the acknowledged use of a link is the recorded one, and the only
// one. A use queues one notice in its transaction, so two notices prove two uses, even
// if the row shows one.
func (l *ledger) verifyUses(v *verdict, r record) {
	notices := map[string]int{}
	for _, d := range r.deliveries {
		if d.kind == "password_changed" {
			notices[d.reset]++
		}
	}
	winner := map[string]int{}
	for _, x := range r.resets {
		if x.used {
			winner[x.id] = number(x.useAgent, useAgent)
		}
		if want := map[bool]int{true: 1}[x.used]; notices[x.id] != want {
			v.twice = append(v.twice, fmt.Sprintf("link %s: %d notices of its use, want %d", x.id, notices[x.id], want))
		}
	}
	for n, p := range l.posts {
		on, used := winner[p.link]
		if unknown(p.status) && used && on == n {
			v.unheard++
		}
		if !acknowledged(p.status) {
			continue
		}
		v.uses++
		switch {
		case !used:
			v.lost = append(v.lost, fmt.Sprintf("use %d of link %s was acknowledged and is not recorded", n, p.link))
		case on != n:
			v.twice = append(v.twice, fmt.Sprintf("use %d of link %s was acknowledged, and use %d is recorded", n, p.link, on))
		}
	}
}

// expected is an account's last password, and an older one that must not work.
type expected struct{ now, before string }

// passwords follows the recorded uses of each account. A recorded use counts even if its
// answer was lost.
func (l *ledger) passwords(r record) map[string]expected {
	l.mu.Lock()
	defer l.mu.Unlock()
	won := map[int]bool{}
	for _, x := range r.resets {
		if x.used {
			won[number(x.useAgent, useAgent)] = true
		}
	}
	all := map[string]expected{}
	for i := range accountCount {
		all[address(i)] = expected{now: firstPassword}
	}
	for n, p := range l.posts { // oldest first; those of an account are sequential
		if won[n] {
			all[p.email] = expected{now: p.password, before: all[p.email].now}
		}
	}
	return all
}
