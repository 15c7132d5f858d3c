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

// ledger is what the clients did and were told: the truth that the database
// is held against.
type ledger struct {
	mu      sync.Mutex
	asks    []ask
	posts   []post
	answers map[int]int // how many of each status; 0 where the connection broke
	broken  []string

	waiting time.Time     // since a fault was over; zero once a request was acknowledged
	slowest time.Duration // that it took
}

// ask is one request for a link. Its number stands in its User-Agent, and so in
// its row.
type ask struct {
	email  string
	status int
}

// post is one attempt to set a password, with a number of its own.
type post struct {
	email, link, password string
	status                int
}

const (
	askAgent = "chaos ask "
	useAgent = "chaos use "
)

func newLedger() *ledger { return &ledger{answers: map[int]int{}} }

// acknowledged: the visitor was told that it is done.
func acknowledged(status int) bool { return status == http.StatusSeeOther }

// unknown: it may be done or not. Only the database can tell.
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

// answered counts an answer, and notes one that nobody should ever see.
func (l *ledger) answered(what string, status int, fine ...int) {
	l.mu.Lock()
	l.answers[status]++
	l.mu.Unlock()
	if status != 0 && status != http.StatusServiceUnavailable && !slices.Contains(fine, status) {
		l.fault("%s: status %d", what, status)
	}
}

// count is how many answers had a status.
func (l *ledger) count(status int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers[status]
}

// fault notes something that must not be.
func (l *ledger) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = append(l.broken, fmt.Sprintf(format, args...))
}

// over says that a fault has just ended: from now on the service has to recover.
func (l *ledger) over() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = time.Now()
}

// recovered tells whether a request was acknowledged since.
func (l *ledger) recovered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.IsZero()
}

// recovery counts a recovery that was measured elsewhere.
func (l *ledger) recovery(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowest = max(l.slowest, took)
}

// number is what stands behind the prefix in a User-Agent; -1 if it is another's.
func number(agent, prefix string) int {
	rest, ours := strings.CutPrefix(agent, prefix)
	n, err := strconv.Atoi(rest)
	if !ours || err != nil {
		return -1
	}
	return n
}

// linkID is the reset's id: the first 16 bytes of its token.
func linkID(token string) string {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(token))
	if err != nil || len(raw) < 16 {
		return ""
	}
	return uuid.UUID(raw[:16]).String()
}
