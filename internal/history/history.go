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
	Network  netip.Prefix   // that requested or used, masked; an IP address is a network of one
	Status   reset.Status   // or MailFailed
	Withheld reset.Withheld // implies StatusWithheld
	Since    time.Time      // created then or later
	Until    time.Time      // created before
}

// Exact reports whether the filter has a key that an index finds at once: a
// reset, an address, an account or one IP address. Such a search covers all time.
func (f Filter) Exact() bool {
	return f.ID != (reset.ID{}) || f.IDPrefix != "" || f.Email != "" || f.UserID != "" || f.Network.IsSingleIP()
}

// Position is a row's place in the order, newest first. The zero Position is
// before the newest.
type Position struct {
	CreatedAt time.Time
	ID        reset.ID
}

// PositionOf returns where a reset stands.
func PositionOf(r reset.Reset) Position { return Position{r.CreatedAt, r.ID} }

// Cursor is where a search goes on, and how far back it goes.
type Cursor struct {
	After Position  // the rows behind it come next
	Since time.Time // resets created before are left out; zero: none are. Exact searches ignore it
}

// Days is how far back a search without an exact key goes, unless it is continued.
const Days = 90

// Start is the cursor of a new search. A filter that names its first day keeps it.
func Start(f Filter, now time.Time) Cursor {
	if f.Exact() || !f.Since.IsZero() {
		return Cursor{}
	}
	newest := now
	if !f.Until.IsZero() && f.Until.Before(now) {
		newest = f.Until
	}
	return Cursor{Since: newest.AddDate(0, 0, -Days)}
}

// Search is one question to the record.
type Search struct {
	Filter
	Now   time.Time // decides which resets are expired
	From  Cursor
	Rows  int           // how many matches to return, the newest first
	Count int           // how many matches to count, at least Rows
	Time  time.Duration // then the search stops; 0: it does not
}

// MaxTime is how long a search on a page may take.
const MaxTime = 3 * time.Second

// Page is an answer to a Search.
type Page struct {
	Resets  []reset.Reset
	Count   int       // matches behind the cursor, at most Search.Count
	Older   bool      // the record goes further back than Cursor.Since
	Stopped bool      // the time was up: older resets were not searched
	Reached time.Time // how far back it got when it stopped; zero: nowhere
}

// Life is a reset and all that happened to it, oldest first.
type Life struct {
	reset.Reset
	Deliveries []reset.Delivery
	Events     []reset.Event
}

// Store is the record.
type Store interface {
	// Page returns the newest matches.
	Page(ctx context.Context, q Search) (Page, error)
	// Each calls yield for every match, newest first, with one page at a time in
	// memory. It ends with the context, or with the first error of yield. It takes
	// no notice of Rows, Count and Time.
	Each(ctx context.Context, q Search, yield func(reset.Reset) error) error
	// Life returns a reset with its deliveries and events, or reset.ErrNotFound.
	Life(ctx context.Context, id reset.ID) (Life, error)
	// DaysOf counts an account's resets by day (UTC), from since on, oldest first.
	DaysOf(ctx context.Context, userID string, since time.Time) ([]Day, error)
	// Overview sums up the days (UTC) from since to now.
	Overview(ctx context.Context, since, now time.Time) (Overview, error)
	// CountAddressesNear counts the different addresses that were requested from an
	// IP address in the three hours before and after a moment, at most most.
	CountAddressesNear(ctx context.Context, ip netip.Addr, around time.Time, most int) (int, error)
}

// Day is a day and how many resets were requested on it.
type Day struct {
	Day       time.Time // its beginning, UTC
	Requested int
}
