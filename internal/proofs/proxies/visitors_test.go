//go:build proxies

package proxies

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"resetd/internal/testkit/webtest"
)

const (
	restarts  = 10
	pause     = 2 * time.Second // between restarts, as an operator makes it
	visitorIP = "127.0.0.2"
	forgedIP  = "198.51.100.7"
)

// The certificate is made for the test; who signed it is not the question.
var insecure = &tls.Config{InsecureSkipVerify: true}

// tally counts the answers.
type tally struct {
	mu           sync.Mutex
	pages, forms int
	failed       map[string]int // by what was sent and what came back
}

func (a *tally) add(what string, count *int, p webtest.Page, err error, want int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil && p.Status == want {
		*count++
		return
	}
	a.failed[fmt.Sprintf("%s: %d %v", what, p.Status, err)]++
}

// losesNothing restarts instances in turn while four visitors look at the form and send it. Each
// request must get its answer, and each form that was answered must be in the record, with
// the address of the visitor and not with the one that the visitor claims to have.
func (s *site) losesNothing(instances ...*held) {
	s.Helper()
	a := &tally{failed: map[string]int{}}
	done := make(chan struct{})
	var visitors sync.WaitGroup
	for n := range 4 {
		visitors.Go(func() { s.visit(a, n, done) })
	}
	for n := range restarts {
		time.Sleep(pause)
		instances[n%len(instances)].restart()
	}
	close(done)
	visitors.Wait()
	s.Logf("%d restarts: %d pages and %d forms answered", restarts, a.pages, a.forms)
	if len(a.failed) > 0 {
		s.Errorf("failed: %v", a.failed)
	}
	if a.pages < restarts || a.forms < restarts {
		s.Error("too few requests to show anything")
	}
	if got := s.count("created_by_ip = '" + visitorIP + "'"); got != strconv.Itoa(a.forms) {
		s.Errorf("%s forms are in the record with the address of their visitor, want %d", got, a.forms)
	}
	if got := s.count("created_by_ip <> '" + visitorIP + "'"); got != "0" {
		s.Errorf("%s forms are in the record with another address", got)
	}
}

// visit sends one request after the other.
func (s *site) visit(a *tally, n int, done <-chan struct{}) {
	b := webtest.New(s.T, s.url).With("X-Forwarded-For", forgedIP)
	b.Client.Transport = s.visitor()
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		page, err := b.Try(http.MethodGet, "/password-reset", "")
		a.add("page", &a.pages, page, err, http.StatusOK)
		page, err = b.Try(http.MethodPost, "/password-reset", webtest.Form("email", fmt.Sprintf("user%d-%d@example.org", n, i)))
		a.add("form", &a.forms, page, err, http.StatusSeeOther)
	}
}
