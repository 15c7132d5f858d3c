package testkit

import (
	"sync"
	"time"
)

// Clock is a clock that the test moves. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows an arbitrary time.
func NewClock() *Clock {
	return &Clock{now: time.Date(2031, 5, 6, 7, 8, 9, 123456000, time.UTC)}
}

// Now returns the current time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the clock forward, or back if d is negative.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
