package timing

import (
	"context"
	"math/rand/v2"
	"net/url"
	"strings"

	"resetd/internal/testkit"
	"resetd/internal/tools/measure/wire"
)

// kind is a kind of request, whose answers are compared with those of other kinds.
type kind struct {
	name  string
	forms []string // posted in turn
}

// series are kinds that are measured together. All others are compared with the first.
type series struct {
	name   string
	path   string
	status int // of every answer
	times  int // number of requests of each kind
	kinds  []kind
}

// sample is the time of one answer, in µs.
type sample struct {
	kind int
	took float64
}

// long is a password with almost the maximum size of a body.
var long = strings.Repeat("otter", 12_000)

// series returns the sign-ins first, because the emails of the requests keep the worker
// busy for a while.
func (w *world) series(o options) []series {
	ask := func(addresses []string) (forms []string) {
		for _, a := range addresses {
			forms = append(forms, url.Values{"email": {a}}.Encode())
		}
		return forms
	}
	signIn := func(addresses []string, password string) (forms []string) {
		for _, a := range addresses {
			forms = append(forms, url.Values{"email": {a}, "password": {password}}.Encode())
		}
		return forms
	}
	const wrong = "walrus-on-a-tricycle"
	return []series{
		{"sign-in with a wrong password", "/login", 422, o.signIns, []kind{
			{"known", signIn(w.known, wrong)},
			{"unknown", signIn(w.unknown, wrong)},
			{"inactive", signIn(w.inactive, wrong)},
			{"no password", signIn(w.without, wrong)},
			{"inactive, right password", signIn(w.inactive, testkit.Password)},
		}},
		{"sign-in with 60,000 characters", "/login", 422, o.signIns, []kind{
			{"known", signIn(w.known, long)},
			{"unknown", signIn(w.unknown, long)},
		}},
		{"request", "/password-reset", 303, o.requests, []kind{
			{"known", ask(w.known)},
			{"unknown", ask(w.unknown)},
			{"inactive", ask(w.inactive)},
			{"throttled", ask(w.throttled)},
			{"no password", ask(w.without)},
		}},
	}
}

// order returns a shuffle of the kinds, each n times.
func order(kinds, n int) []int {
	all := make([]int, 0, kinds*n)
	for k := range kinds {
		for range n {
			all = append(all, k)
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] }) //nolint:gosec // an order is no secret
	return all
}

// run takes n samples of each kind, in the order in which they were sent.
func (s series) run(ctx context.Context, base string) ([]sample, error) {
	c, err := wire.Dial(ctx, base)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	turn := make([]int, len(s.kinds))
	samples := make([]sample, 0, len(s.kinds)*s.times)
	for _, k := range order(len(s.kinds), s.times) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		forms := s.kinds[k].forms
		took, err := c.Post(s.path, "", forms[turn[k]%len(forms)], s.status)
		if err != nil {
			return nil, err
		}
		turn[k]++
		samples = append(samples, sample{k, float64(took.Nanoseconds()) / 1000})
	}
	return samples, nil
}
