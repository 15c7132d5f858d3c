package main

import (
	"encoding/base32"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ledger contains the requests of the clients and their answers. The database is
// compared with it.
type ledger struct {
	mu      sync.Mutex
	asks    []ask
	posts   []post
	answers map[int]int         // number of answers by status; 0 for a broken connection
	broken  map[string][]string // promises by kind, one text for each case

	waiting time.Time     // the end of the last fault; zero after the next acknowledged request
	slowest time.Duration // the slowest recovery
	longest time.Duration // the longest time until an answer
	missing error         // why the first request without an answer has none
}

// ask is a request for a link. Its number is in its User-Agent, and so in its row.
type ask struct {
	email  string
	status int
}

// post is a numbered attempt to set a password.
type post struct {
	email, link, password string
	status                int
}

// The kinds of broken promises.
const (
	lost          = "acknowledged and lost"    // requests and uses that are not in the record
	twice         = "links used twice"         //
	unsent        = "emails due and unsent"    // links and notices
	wrongName     = "emails under wrong names" // with two Message-IDs, or without a row
	wrongPassword = "wrong passwords"          // the last one does not sign in, or an older one does
	unanswered    = "requests without answer"  // although an instance was up
	other         = "broken otherwise"
)

const (
	askAgent = "chaos ask "
	useAgent = "chaos use "
)

func newLedger() *ledger { return &ledger{answers: map[int]int{}, broken: map[string][]string{}} }

// acknowledged reports whether the answer confirms the request.
func acknowledged(status int) bool { return status == http.StatusSeeOther }

// unknown reports whether the answer leaves open if the request was done.
func unknown(status int) bool { return status == 0 || status >= http.StatusInternalServerError }

func (l *ledger) ask(email string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asks = append(l.asks, ask{email: email})
	return len(l.asks) - 1
}

func (l *ledger) asked(n, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asks[n].status = status
	if acknowledged(status) && !l.waiting.IsZero() {
		l.slowest = max(l.slowest, time.Since(l.waiting))
		l.waiting = time.Time{}
	}
}

func (l *ledger) post(p post) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts = append(l.posts, p)
	return len(l.posts) - 1
}

func (l *ledger) posted(n, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts[n].status = status
}

// answered counts an answer, and records a fault if its status is not fine.
func (l *ledger) answered(what string, status int, fine ...int) {
	l.mu.Lock()
	l.answers[status]++
	l.mu.Unlock()
	if status != 0 && status != http.StatusServiceUnavailable && !slices.Contains(fine, status) {
		l.fault(other, "%s: status %d", what, status)
	}
}

// timed records how long an answer took, if it took longest.
func (l *ledger) timed(sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.longest = max(l.longest, time.Since(sent))
}

// missed keeps the first reason why a request had no answer.
func (l *ledger) missed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.missing == nil {
		l.missing = err
	}
}

// total returns the number of requests.
func (l *ledger) total() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, of := range l.answers {
		n += of
	}
	return n
}

// count returns the number of answers with a status.
func (l *ledger) count(status int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[status]
}

// fault records a broken promise.
func (l *ledger) fault(kind, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken[kind] = append(l.broken[kind], fmt.Sprintf(format, args...))
}

// over records the end of a fault. From now on the service must recover.
func (l *ledger) over() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = time.Now()
}

// recovered reports whether a request was acknowledged since the last fault.
func (l *ledger) recovered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.IsZero()
}

// recovery records the time of a recovery.
func (l *ledger) recovery(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowest = max(l.slowest, took)
}

// number returns the number after the prefix in a User-Agent; -1 without the prefix.
func number(agent, prefix string) int {
	rest, ours := strings.CutPrefix(agent, prefix)
	n, err := strconv.Atoi(rest)
	if !ours || err != nil {
		return -1
	}
	return n
}

// linkID returns the reset's id, which is the first 16 bytes of its token.
func linkID(token string) string {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(token))
	if err != nil || len(raw) < 16 {
		return ""
	}
	return uuid.UUID(raw[:16]).String()
}
