// Package history presents the record to people: searches, the life of a reset in
// plain words, and output formats. The support pages and the command line use it.
package history

import (
	"context"
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// Statuses only for searches: the email with the link failed, or its mail server did
// not confirm it. Such a reset also has one of the statuses of package reset.
const (
	MailFailed  reset.Status = "mail_failed"
	MailUnknown reset.Status = "mail_unknown"

	MailQueued   reset.Status = "mail_waiting"  // no mail server has taken or refused it yet
	MailSent     reset.Status = "mail_sent"     // handed to a mail server, or given up
	MailReceived reset.Status = "mail_accepted" // by the mail server; it may have come back
	MailReturned reset.Status = "mail_bounced"
	MailSlow     reset.Status = "mail_slow"   // needed more than one attempt, or still waits after one
	NoEmail      reset.Status = "no_email"    // no link was made, or its email failed or came back
	WasOpened    reset.Status = "was_opened"  // by a person, as every used link was, even if its open looked like that of a scanner
	OpenedOnly   reset.Status = "opened_only" // by a person, and not used
	StillOpen    reset.Status = "open"        // neither used nor over
	Failed       reset.Status = "failed"      // over without a new password
)

// Filter selects the resets that match all its conditions. An empty field is no
// condition.
type Filter struct {
	Email    string         // a whole address, normalised as reset.Address.Normal
	Part     string         // a part of an address, in lower case; %, _ and \ have no special meaning
	UserID   string         // a whole id
	ID       reset.ID       // zero: any
	IDPrefix string         // the first eight hexadecimal digits of an id
	Network  netip.Prefix   // of the request or the use, masked; one IP address is a network of size 1
	Status   reset.Status   // or MailFailed or MailUnknown
	Withheld reset.Withheld // implies StatusWithheld
	UsedIn   time.Duration  // one of UseTimes or MaxLifetime; implies StatusUsed: used within this time, and not within the next shorter one
	Since    time.Time      // created then or later
	Until    time.Time      // created before
}

// Exact reports whether the filter has a key with an index: a reset, an address, an
// account or one IP address. Such a search covers all time.
func (f Filter) Exact() bool {
	return f.ID != (reset.ID{}) || f.IDPrefix != "" || f.Email != "" || f.UserID != "" || f.Network.IsSingleIP()
}

// Position is a row's place in the order, newest first. The zero Position is
// before the newest.
type Position struct {
	CreatedAt time.Time
	ID        reset.ID
}

// PositionOf returns the position of a reset.
func PositionOf(r reset.Reset) Position { return Position{r.CreatedAt, r.ID} }

// Cursor is where a search continues, and how far back it goes.
type Cursor struct {
	After Position  // the rows after it come next
	Since time.Time // the search ignores older resets; zero: no limit. Exact searches ignore Since
}

// Days is how far back a search without an exact key goes, unless it is continued.
const Days = 90

// Start returns the cursor of a new search. It sets no limit if the filter is exact
// or has a first day.
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

// Search is a query of the record.
type Search struct {
	Filter
	Now   time.Time // decides which resets are expired
	From  Cursor
	Rows  int           // how many matches to return, the newest first
	Count int           // how many matches to count, at least Rows
	Time  time.Duration // after which the search stops; 0: no limit
}

// MaxTime is how long a search on a page may take.
const MaxTime = 3 * time.Second

// Page is the result of a Search.
type Page struct {
	Resets  []reset.Reset
	Count   int       // matches after the cursor, at most Search.Count
	Older   bool      // the record goes further back than Cursor.Since
	Stopped bool      // the time was up: older resets were not searched
	Reached time.Time // how far back a stopped search got; zero: nowhere
}

// Life is a reset with its deliveries and events, oldest first.
type Life struct {
	reset.Reset
	Deliveries []reset.Delivery
	Events     []reset.Event
}

// Event is an event of an account, such as a sign-in.
type Event struct {
	ID int64 // the order of the record
	reset.Event
}

// EventSearch selects events of an account, newest first.
type EventSearch struct {
	Before int64     // the rows with a lower id; 0: all
	Since  time.Time // that happened then or later; zero: no limit
	Until  time.Time // that happened before; zero: no limit
	Rows   int
}

// Asked is an address, and when a link was last requested for it.
type Asked struct {
	Email string
	At    time.Time
}

// Store is the record.
type Store interface {
	// Page returns the newest matches.
	Page(ctx context.Context, q Search) (Page, error)
	// Count returns how many resets match from the bounds of the cursor on, and for how many
	// addresses they were requested. It ignores Rows and Count, and stops with the error of
	// the context when Time is over.
	Count(ctx context.Context, q Search) (resets, addresses int, err error)
	// Each calls yield for every match, newest first. It holds one page at a time
	// in memory. It ends with the context or the first error of yield. It ignores
	// Rows, Count and Time.
	Each(ctx context.Context, q Search, yield func(reset.Reset) error) error
	// Life returns a reset with its deliveries and events, or reset.ErrNotFound.
	Life(ctx context.Context, id reset.ID) (Life, error)
	// EventsOf returns the newest events of an account: its own, and each "this wasn't
	// me" about one of its resets.
	EventsOf(ctx context.Context, userID string, q EventSearch) ([]Event, error)
	// AddressesOf returns addresses that were requested for an account, at most ten.
	AddressesOf(ctx context.Context, userID string) ([]string, error)
	// AccountsAskedFor returns the accounts that an address had when it was
	// requested, at most 20.
	AccountsAskedFor(ctx context.Context, email string) ([]string, error)
	// AccountsMailed returns the accounts whose links went to an address and were requested
	// by name since a time, at most 20. It looks at the newest 10,000 of these requests.
	AccountsMailed(ctx context.Context, to reset.Address, since time.Time) ([]string, error)
	// AskedInVain returns for which of these addresses links were requested since a time
	// although no account had them, at most five, newest first.
	AskedInVain(ctx context.Context, emails []string, since time.Time) ([]Asked, error)
	// Email returns an email by the id of its delivery; the zero Delivery if there is none.
	Email(ctx context.Context, id reset.ID) (reset.Delivery, error)
	// Marks returns when the newest parts of a person's timeline before a time
	// happened, at most n, newest first.
	Marks(ctx context.Context, p Person, from Sources, until time.Time, n int) ([]time.Time, error)
	// Story returns what happened to a person in a span. It contains the resets
	// with all their moments, also those outside the span.
	Story(ctx context.Context, p Person, from Sources, in Span) (Story, error)
	// EventsFrom returns what people did in their accounts from a network in a span: the
	// newest event of each kind and account, at most n, the failures last.
	EventsFrom(ctx context.Context, network netip.Prefix, in Span, n int) ([]Event, error)
	// LastEvent returns the newest event of an account of some kinds; the zero Event if
	// there is none.
	LastEvent(ctx context.Context, userID string, kinds ...reset.EventKind) (Event, error)
	// CountAsked counts the requests of a person at since or later, up to most.
	CountAsked(ctx context.Context, p Person, since time.Time, most int) (int, error)
	// NewestResets returns the newest resets of a person, at most n.
	NewestResets(ctx context.Context, p Person, n int) ([]Life, error)
	// Hours returns the sums of each hour with resets, oldest first. The last two days
	// (UTC) before now are counted; the others were counted before.
	Hours(ctx context.Context, since, until, now time.Time) ([]HourSums, error)
	// Lists counts the networks and mail servers of a period, within ListTime.
	Lists(ctx context.Context, since, until time.Time) (Lists, error)
	// CountAddressesNear counts the different addresses that were requested from an
	// IP address in the three hours before and after a time. It counts up to most.
	CountAddressesNear(ctx context.Context, ip netip.Addr, around time.Time, most int) (int, error)
}
