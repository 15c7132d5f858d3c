package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"resetd/internal/testkit"
)

// account is an account of the clients.
type account struct {
	email string

	// mu allows only one use of the account's links at a time, so the last password
	// is known.
	mu       sync.Mutex
	password string // the last acknowledged one
}

const pause = 20 * time.Millisecond // before a retry

// load contains the clients of a trial.
type load struct {
	url      string
	client   *http.Client
	askers   int
	visitors int
	pace     <-chan time.Time // one request at each tick; nil for no limit
	ledger   *ledger
	accounts map[string]*account
	links    chan mailed  // the sent links, for visitors to open
	open     atomic.Int64 // the number of links that visitors have not finished

	mu    sync.Mutex
	mails []mailed // that the mail server accepted

	posting      chan struct{} // a form with a password is on its way
	twoDatabases bool          // the accounts are in another database, and can't sign in here

	quiet, done chan struct{} // closed: no more requests; no more at all
	asking      sync.WaitGroup
	using       sync.WaitGroup
}

func newLoad(url string) *load {
	l := &load{
		url: url, askers: 3, visitors: 4, ledger: newLedger(), accounts: map[string]*account{},
		links: make(chan mailed, 100_000), posting: make(chan struct{}, 1), quiet: make(chan struct{}), done: make(chan struct{}),
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: maxBrowsers},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Timeout:       time.Minute,
		},
	}
	for i := range accountCount {
		l.accounts[testkit.Email(i)] = &account{email: testkit.Email(i), password: testkit.Password}
	}
	return l
}

// start starts the clients.
func (l *load) start(ctx context.Context, o options) {
	for i := range l.askers {
		l.asking.Go(func() { l.askOn(ctx, o.random(i)) })
	}
	for i := range l.visitors {
		u := &visitor{load: l, rng: o.random(100 + i)}
		l.using.Go(func() { u.useOn(ctx) })
	}
}

// took keeps an email and gives its link to the visitors.
func (l *load) took(m mailed) {
	l.mu.Lock()
	l.mails = append(l.mails, m)
	l.mu.Unlock()
	if m.token != "" {
		l.open.Add(1)
		l.links <- m
	}
}

// taken returns the emails that the mail server has accepted so far.
func (l *load) taken() []mailed {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.mails)
}

// askOn asks for links until quiet is closed. One in twenty addresses has no account.
func (l *load) askOn(ctx context.Context, rng *rand.Rand) {
	for {
		select {
		case <-l.quiet:
			return
		case <-ctx.Done():
			return
		case <-time.After(within(rng, 100*time.Millisecond)):
		}
		email := testkit.Email(rng.IntN(accountCount))
		if rng.IntN(20) == 0 {
			email = fmt.Sprintf("nobody%d@example.org", rng.IntN(accountCount))
		}
		l.ask(ctx, email)
	}
}

func (l *load) ask(ctx context.Context, email string) {
	n := l.ledger.ask(email)
	status := l.send(ctx, "/password-reset", askAgent+strconv.Itoa(n), "", "email", email)
	l.ledger.answered(askAgent+strconv.Itoa(n), status, http.StatusSeeOther)
	l.ledger.asked(n, status)
}

// send posts a form, or requests a page if no form is given. The status is 0 if
// no answer came.
func (l *load) send(ctx context.Context, path, agent, cookie string, pairs ...string) int {
	if l.pace != nil {
		select {
		case <-l.pace:
		case <-ctx.Done():
		}
	}
	method, form := http.MethodGet, url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		method = http.MethodPost
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(ctx, method, l.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0
	}
	req.Header.Set("User-Agent", agent)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if cookie != "" {
		req.Header.Set("Cookie", "resetd_link="+cookie)
	}
	defer l.ledger.timed(time.Now())
	res, err := l.client.Do(req)
	if err != nil {
		l.ledger.missed(err)
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body) // only the status matters
	return res.StatusCode
}
