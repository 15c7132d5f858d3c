package load

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/tools/measure/wire"
)

// One request in oneKnown is for an account.
const oneKnown = 5

// flood sends requests at a fixed rate for a minute, and measures how long after its answer
// each email is accepted.
func (o options) flood(ctx context.Context, databaseURL, dir string) error {
	w, err := openWorld(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer w.close()
	emails := &emails{answered: map[string]time.Time{}, accepted: map[string]time.Time{}}
	total := o.rate * 60
	if _, err := testkit.AddUsers(ctx, w.store, total/oneKnown); err != nil {
		return err
	}
	s, err := start(ctx, databaseURL, dir, emails.take)
	if err != nil {
		return err
	}
	defer s.stop()
	r, err := load(ctx, s.URL, options{duration: time.Hour}, 64, o.paced(total, emails))
	if err != nil {
		return err
	}
	row(fmt.Sprintf("requests, wanted %d/s, 64 connections", o.rate), r.perSecond(), r, r.perSecond()/float64(o.rate), 0)
	left, rate, err := w.drain(ctx)
	if err != nil {
		return err
	}
	row("  deliveries waiting then", float64(left), result{}, 0, 0)
	row("  emails afterwards", rate, result{}, 0, 0)
	took := emails.took()
	p99 := wire.Percentile(took, 99)
	row("  emails; ms after the answer, limit 2,000", float64(len(took)), result{took: took}, 2000/p99, 1)
	if missing := total/oneKnown - len(took); missing > 0 {
		return fmt.Errorf("%d emails were never accepted", missing)
	}
	return nil
}

// paced sends the n-th request when its time has come, or at once if that has passed.
func (o options) paced(total int, emails *emails) func(*wire.Conn, int) (time.Duration, bool, error) {
	began := time.Now()
	return func(c *wire.Conn, n int) (time.Duration, bool, error) {
		if n >= total {
			return 0, true, nil
		}
		time.Sleep(time.Until(began.Add(time.Duration(n) * time.Second / time.Duration(o.rate))))
		address := mixed(n)
		took, err := c.Post("/password-reset", "a=b", "email="+url.QueryEscape(address), http.StatusSeeOther)
		if n%oneKnown == 0 {
			emails.note(emails.answered, address)
		}
		return took, false, err
	}
}

// mixed is the address of the n-th request.
func mixed(n int) string {
	if n%oneKnown == 0 {
		return testkit.Email(n / oneKnown)
	}
	return fmt.Sprintf("nobody%d@example.org", n)
}

// emails notes when the request for an address was answered, and when its email arrived.
type emails struct {
	mu                 sync.Mutex
	answered, accepted map[string]time.Time
}

func (e *emails) take(m smtpsink.Message) { e.note(e.accepted, m.To[0]) }

func (e *emails) note(which map[string]time.Time, address string) {
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	which[address] = now
}

// took returns how long after the answer each email was accepted.
func (e *emails) took() (all []time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for address, at := range e.accepted {
		all = append(all, max(0, at.Sub(e.answered[address])))
	}
	return all
}
