package timing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"time"

	"resetd/internal/testkit/smtpsink"
	"resetd/internal/tools/measure/wire"
)

const (
	connections = 4 // of the program to the mail server
	mailTime    = 8 * time.Millisecond
	tick        = 50 * time.Millisecond
)

// emails measures an attack that looks at the emails and not at the answers. A stranger
// requests links for accounts of their own, so that all connections to the mail server
// but one are busy, then a link for the candidate, and then one more of their own. If
// the candidate has an account, its email may delay the last one.
type emails struct {
	own    []string // the stranger's addresses, each at a domain of its own
	sink   *smtpsink.Sink
	mu     sync.Mutex
	taken  map[string]time.Time // by recipient
	signal chan string          // recipients
}

// startEmails starts an email server that takes mailTime for an email.
func startEmails(dir string) (*emails, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	e := &emails{taken: map[string]time.Time{}, signal: make(chan string, 1000)}
	for i := range connections {
		e.own = append(e.own, ownAddress(i))
	}
	var err error
	e.sink, err = smtpsink.New(dir, smtpsink.Options{Security: smtpsink.Clear, Take: e.take})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func ownAddress(i int) string { return fmt.Sprintf("stranger@own%d.example.net", i) }

func (e *emails) take(m smtpsink.Message) {
	e.mu.Lock()
	e.taken[m.To[0]] = time.Now()
	e.mu.Unlock()
	e.signal <- m.To[0]
	time.Sleep(mailTime) // before the reply; other connections are served meanwhile
}

// run attacks n candidates of each kind. A sample is the time from the first of the
// stranger's emails to the last.
func (e *emails) run(ctx context.Context, base string, kinds [][]string, n int) ([]sample, error) {
	c, err := wire.Dial(ctx, base)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	turn := make([]int, len(kinds))
	var samples []sample
	for _, k := range order(len(kinds), n) {
		took, err := e.attack(ctx, c, kinds[k][turn[k]%len(kinds[k])])
		if err != nil {
			return nil, err
		}
		turn[k]++
		samples = append(samples, sample{k, float64(took.Nanoseconds()) / 1000})
		time.Sleep(3 * mailTime) // the candidate's email
	}
	return samples, nil
}

func (e *emails) attack(ctx context.Context, c *wire.Conn, candidate string) (time.Duration, error) {
	last := len(e.own) - 1
	// The worker starts at multiples of 50 ms. All requests come after one of them.
	now := time.Now()
	time.Sleep(now.Truncate(tick).Add(tick + 3*time.Millisecond).Sub(now))
	addresses := append(append([]string{}, e.own[:last]...), candidate, e.own[last])
	for _, a := range addresses {
		if _, err := c.Post("/password-reset", "", url.Values{"email": {a}}.Encode(), 303); err != nil {
			return 0, err
		}
	}
	timeout := time.After(time.Minute)
	for waiting := len(e.own); waiting > 0; {
		select {
		case to := <-e.signal:
			if to != candidate {
				waiting--
			}
		case <-timeout:
			return 0, errors.New("an email did not arrive")
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	first := e.taken[e.own[0]]
	for _, a := range e.own[:last] {
		if e.taken[a].Before(first) {
			first = e.taken[a]
		}
	}
	return e.taken[e.own[last]].Sub(first), nil
}
