package load

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
	"resetd/internal/tools/measure/wire"
)

// load sends one kind of request to a server from some connections until the time is up,
// or until once reports that there is no more to send.
func load(ctx context.Context, base string, o options, conns int, once func(c *wire.Conn, n int) (time.Duration, bool, error)) (result, error) {
	all := make([]*wire.Conn, conns)
	for i := range all {
		c, err := wire.Dial(ctx, base)
		if err != nil {
			return result{}, err
		}
		defer func() { _ = c.Close() }()
		all[i] = c
	}
	var n atomic.Int64
	stop := time.Now().Add(o.duration)
	return repeat(ctx, conns, func(_ context.Context, conn int) (time.Duration, bool, error) {
		if time.Now().After(stop) {
			return 0, true, nil
		}
		return once(all[conn], int(n.Add(1))-1)
	})
}

func page(path string) func(*wire.Conn, int) (time.Duration, bool, error) {
	return func(c *wire.Conn, _ int) (time.Duration, bool, error) {
		took, err := c.Get(path, http.StatusOK)
		return took, false, err
	}
}

// visit requests a page fifty times a second, until ctx ends. It stops at an error.
func (s *server) visit(ctx context.Context) (r result) {
	c, err := wire.Dial(ctx, s.URL)
	if err != nil {
		return r
	}
	defer func() { _ = c.Close() }()
	for ctx.Err() == nil {
		took, err := c.Get("/login", http.StatusOK)
		if err != nil {
			return r
		}
		r.took = append(r.took, took)
		time.Sleep(time.Second / 50)
	}
	return r
}

// requests asks for addresses without an account, or for those of all accounts in turn.
func requests(known bool) func(*wire.Conn, int) (time.Duration, bool, error) {
	return func(c *wire.Conn, n int) (time.Duration, bool, error) {
		address := fmt.Sprintf("nobody%d@example.org", n)
		if known {
			address = testkit.Email(n * 7919 % accountCount)
		}
		took, err := c.Post("/password-reset", "a=b", "email="+url.QueryEscape(address), http.StatusSeeOther)
		return took, false, err
	}
}

// uses sets a password with each link once.
func (w *world) uses() func(*wire.Conn, int) (time.Duration, bool, error) {
	return func(c *wire.Conn, n int) (time.Duration, bool, error) {
		if n >= len(w.links) {
			return 0, true, nil
		}
		id := w.links[n]
		form := url.Values{"reset": {id.String()}, "new_password": {"an otter in the attic"}, "confirm_password": {"an otter in the attic"}}
		took, err := c.Post("/password-reset/confirm", "resetd_link="+w.keys.Token(reset.PurposeResetLink, id).Encode(), form.Encode(), http.StatusSeeOther)
		return took, false, err
	}
}
