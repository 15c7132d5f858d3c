// Package history is the record as people read it: what is searched for, what
// the life of a reset comes to in plain words, and how it is written out. The
// support pages and the command share it.
package history

import (
	"context"
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// MailFailed is a status of searches alone: a link was due, and its mail was
// refused for good. What the reset itself is, its own status says.
const MailFailed reset.Status = "mail_failed"

// Filter chooses resets: all that is set must hold, what is empty does not
// restrict.
type Filter struct {
	Email    string         // whole, normalised as reset.Address.Normal
	Part     string         // of an address, in lower case; %, _ and \ are themselves
	UserID   string         // whole
	ID       reset.ID       // zero: any
	IDPrefix string         // the first eight hexadecimal digits of an id
	Network  netip.Prefix   // that asked, or that used; an address is a network of one
	Status   reset.Status   // or MailFailed
	Withheld reset.Withheld // implies StatusWithheld
	Since    time.Time      // created then or later
	Until    time.Time      // created before
}

// Position is a row's place in the order, newest first. The zero Position is
// before the newest.
type Position struct {
	CreatedAt time.Time
	ID        reset.ID
}

// Row is a reset as lists show it.
type Row struct {
	reset.Reset
	MailFailedAt time.Time // when the link's mail was given up for good; zero if it was not
}

// Position is where the row stands.
func (r Row) Position() Position { return Position{r.CreatedAt, r.ID} }

// Life is a reset and all that happened to it, oldest first.
type Life struct {
	reset.Reset
	Deliveries []reset.Delivery
	Events     []reset.Event
}

// Store is the record. Now decides which resets are expired.
type Store interface {
	// Page returns the n newest matches behind a position.
	Page(ctx context.Context, f Filter, now time.Time, after Position, n int) ([]Row, error)
	// Count returns how many match, or most+1 where there are more.
	Count(ctx context.Context, f Filter, now time.Time, most int) (int, error)
	// Each calls yield for every match, newest first, with one page at a time in
	// memory. It ends with the context, or with the first error of yield.
	Each(ctx context.Context, f Filter, now time.Time, yield func(Row) error) error
	// Life returns a reset with its deliveries and events, or reset.ErrNotFound.
	Life(ctx context.Context, id reset.ID) (Life, error)
	// Days counts an account's resets by day (UTC), from since on, oldest first.
	Days(ctx context.Context, userID string, since time.Time) ([]Day, error)
	// Overview sums up the days (UTC) from since to now.
	Overview(ctx context.Context, since, now time.Time) (Overview, error)
	// Company counts who else an IP address asked for in the hours before and
	// after a moment (three each): how many different addresses, at most most.
	Company(ctx context.Context, ip netip.Addr, around time.Time, most int) (int, error)
}

// Day is a day and how many resets there were.
type Day struct {
	Day   time.Time // its beginning, UTC
	Asked int
}

// Looked is how many rows the figures of an overview look at that are no sums:
// the newest of their kind on the shown days.
const Looked = 1000

// Overview is the shown days in numbers, right to the row.
type Overview struct {
	Days     []DaySum      // each day, oldest first
	Used     time.Duration // median time from asking to using, of the newest uses; 0 where none was used
	Refusing []Refusing    // of the newest mails that were refused for good, most first
	Busiest  []Counted     // IP addresses of the newest requests, most first
}

// DaySum is a day in numbers.
type DaySum struct {
	Day       time.Time // its beginning, UTC
	Asked     int
	Delivered int // links that a mail server took
	Opened    int
	Used      int
	Withheld  map[reset.Withheld]int
}

// Refusing is a mail server that refused mails for a domain.
type Refusing struct {
	Counted
	Server string // host and port
}

// Counted is something and how often it occurred.
type Counted struct {
	Name  string
	Count int
}
