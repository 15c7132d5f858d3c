package password

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// crowd is a pool whose functions run until the test releases them. It runs in a
// synctest bubble: after each call every function runs, waits or was refused.
type crowd struct {
	*pool
	ctx     context.Context
	release chan struct{}

	seen          sync.Mutex
	running, most int // used places, now and the maximum
	refused       int
	order         []string // names of the functions that ran
}

func newCrowd(t *testing.T, workers, queue int) *crowd {
	c := &crowd{pool: newPool(workers, queue), ctx: t.Context(), release: make(chan struct{})}
	t.Cleanup(c.letAllGo)
	return c
}

// come sends n functions one after the other. Each takes the given places.
func (c *crowd) come(n int, use Use, places int64, name string) {
	ctx := c.ctx
	for range n {
		go func() {
			err := c.do(ctx, use, places, func() { c.stay(int(min(places, c.workers)), name) })
			c.seen.Lock()
			defer c.seen.Unlock()
			if errors.Is(err, ErrBusy) {
				c.refused++
			}
		}()
		synctest.Wait()
	}
}

func (c *crowd) stay(places int, name string) {
	c.seen.Lock()
	c.running += places
	c.most = max(c.most, c.running)
	c.order = append(c.order, name)
	c.seen.Unlock()
	<-c.release
	c.seen.Lock()
	c.running -= places
	c.seen.Unlock()
}

func (c *crowd) letOneGo() {
	c.release <- struct{}{}
	synctest.Wait()
}

func (c *crowd) letAllGo() {
	close(c.release)
	synctest.Wait()
}

func (c *crowd) want(t *testing.T, running, waiting, refused int) {
	t.Helper()
	if c.running != running || c.waiting != waiting || c.refused != refused {
		t.Errorf("got %d running, %d waiting, %d refused, want %d, %d, %d",
			c.running, c.waiting, c.refused, running, waiting, refused)
	}
}

func TestPoolLimitsConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 3, 100)
		c.come(50, ForReset, 1, "")
		c.want(t, 3, 47, 0)
		for range 50 {
			c.letOneGo()
		}
		c.want(t, 0, 0, 0)
		if c.most != 3 || len(c.order) != 50 {
			t.Errorf("%d ran, %d at once, want 50, 3 at once", len(c.order), c.most)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	type group struct {
		n   int
		use Use
	}
	for name, c := range map[string]struct {
		come             []group
		waiting, refused int
	}{
		"resets fill it all":              {[]group{{101, ForReset}}, 100, 1},
		"sign-ins fill half of it":        {[]group{{51, ForSignIn}}, 50, 1},
		"sign-ins leave room for resets":  {[]group{{1000, ForSignIn}, {50, ForReset}}, 100, 950},
		"resets leave sign-ins the rest":  {[]group{{70, ForReset}, {31, ForSignIn}}, 100, 1},
		"none kept free for sign-ins":     {[]group{{100, ForReset}, {1, ForSignIn}}, 100, 1},
		"together they have no more room": {[]group{{50, ForSignIn}, {51, ForReset}, {1, ForSignIn}}, 100, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crowd := newCrowd(t, 2, 100)
				crowd.come(2, ForSignIn, 1, "at work")
				for _, g := range c.come {
					crowd.come(g.n, g.use, 1, "")
				}
				crowd.want(t, 2, c.waiting, c.refused)
			})
		})
	}
}

func TestCancelFreesThePlace(t *testing.T) {
	for name, use := range map[string]Use{"reset": ForReset, "sign-in": ForSignIn} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCrowd(t, 1, 100)
				ctx, cancel := context.WithCancel(t.Context())
				c.come(1, use, 1, "at work")
				c.ctx = ctx
				c.come(30, use, 1, "gives up")
				c.ctx = t.Context()
				c.come(20, use, 1, "stays")
				cancel()
				synctest.Wait()
				c.want(t, 1, 20, 0)
				c.come(30, use, 1, "comes later")
				c.want(t, 1, 50, 0)
				for range 51 {
					c.letOneGo()
				}
				c.want(t, 0, 0, 0)
				if slices.Contains(c.order, "gives up") {
					t.Errorf("ran %q, want no function that gave up", c.order)
				}
			})
		})
	}
}

func TestQueueKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 2, 100)
		c.come(1, ForSignIn, 1, "first")
		c.come(1, ForReset, 2, "large")
		c.come(1, ForReset, 1, "small") // a place is free, but another function is first
		c.want(t, 1, 2, 0)
		for range 3 {
			c.letOneGo()
		}
		if want := []string{"first", "large", "small"}; !slices.Equal(c.order, want) {
			t.Errorf("ran %q, want %q", c.order, want)
		}
	})
}

func TestLargestFunctionRunsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 3, 100)
		c.come(1, ForReset, 100, "more than all")
		c.come(1, ForReset, 1, "small")
		c.want(t, 3, 1, 0)
		c.letOneGo()
		c.want(t, 1, 0, 0)
	})
}

func TestPanicFreesThePlace(t *testing.T) {
	p := newPool(1, 100)
	func() {
		defer func() { _ = recover() }()
		_ = p.do(t.Context(), ForReset, 1, func() { panic("out of luck") })
	}()
	if !p.running.TryAcquire(1) {
		t.Error("the place is still taken")
	}
}

func TestCanceledContextRunsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := newPool(1, 100).do(ctx, ForReset, 1, func() { t.Error("it ran") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
