package history

import (
	"fmt"
	"net/netip"
	"time"

	"resetd/internal/reset"
)

// HourSums is the figures of an hour.
type HourSums struct {
	Hour time.Time // its beginning
	Sums
}

// SampleSize is how many rows Lists are counted from, the newest of the period, if all
// would take longer than ListTime.
const SampleSize = 1000

// The limits of Lists.
const (
	ListTime   = 800 * time.Millisecond
	ListDays   = 30 // the newest of a period
	ListLength = 10
)

// Lists is what the sums do not hold, because they name nobody and no network.
type Lists struct {
	Networks []BusySite // most requests first
	Unknown  []BusySite // most requests for addresses without an account first
	Domains  []Domain   // most troubles first
	Sampled  bool       // only the newest SampleSize rows were counted
}

// BusySite counts the requests from a network.
type BusySite struct {
	Prefix    netip.Prefix // a /24, or a /48 of IPv6
	Requested int
	Unknown   int // for addresses without an account
}

// Domain counts the emails to a domain that a mail server did not accept at once.
type Domain struct {
	Name    string
	Server  string // host and port
	Refused int    // for good
	Bounced int    // accepted, and came back
	Slow    int    // needed more than one attempt, or still wait
}

// Sums counts the resets requested in a period, by their present state.
type Sums struct {
	Requested                                             int
	NoAccount, Inactive, Throttled, NoPassword, Unmatched int // withheld for this reason
	MailAccepted, MailUnknown, MailFailed, MailBounced    int // the state of the email with the link
	Opened, Revoked, Used                                 int
	UsedWithin                                            [len(UseTimes)]int // within this time after the request
	Open                                                  int                // not over yet; the sums of an hour do not have it
}

// UseTimes are the limits for the time from a request to the use of its link. The
// last, implied limit is reset.MaxLifetime, which every used link meets.
var UseTimes = [...]time.Duration{
	time.Minute, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	20 * time.Minute, 30 * time.Minute, 45 * time.Minute, time.Hour, 6 * time.Hour,
}

// UsedWithin returns the text with which SetStatus finds the links that were used within
// one of these times, and not within the next shorter one.
func UsedWithin(t time.Duration) string { return fmt.Sprintf("used_within_%dm", t/time.Minute) }

// useTime returns the time of a text of UsedWithin; 0: it is another text.
func useTime(text string) time.Duration {
	for _, t := range append(UseTimes[:], reset.MaxLifetime) {
		if text == UsedWithin(t) {
			return t
		}
	}
	return 0
}

// Shorter returns the next shorter of UseTimes; 0: none is shorter.
func Shorter(t time.Duration) (found time.Duration) {
	for _, shorter := range UseTimes {
		if shorter < t {
			found = shorter
		}
	}
	return found
}

// Delivered counts the emails with a link that a mail server accepted.
func (s Sums) Delivered() int { return s.MailAccepted + s.MailBounced }

// Sent counts the emails with a link that were handed to a mail server, or given up.
func (s Sums) Sent() int { return s.MailAccepted + s.MailUnknown + s.MailFailed + s.MailBounced }

// Withheld counts the requests that got no link for a reason.
func (s Sums) Withheld(reason reset.Withheld) int {
	switch reason {
	case reset.WithheldNoAccount:
		return s.NoAccount
	case reset.WithheldInactive:
		return s.Inactive
	case reset.WithheldThrottled:
		return s.Throttled
	case reset.WithheldNoPassword:
		return s.NoPassword
	case reset.WithheldUnmatched:
		return s.Unmatched
	}
	return 0
}

// AllWithheld counts the requests that got no link.
func (s Sums) AllWithheld() (n int) {
	for _, reason := range Reasons {
		n += s.Withheld(reason)
	}
	return n
}

// Failed counts the requests that are over without a new password.
func (s Sums) Failed() int { return max(0, s.Requested-s.Used-s.Open) }

// Expired counts the links that expired before anybody used them.
func (s Sums) Expired() int { return max(0, s.Failed()-s.AllWithheld()-s.Revoked) }

// Add returns the sums of both.
func (s Sums) Add(t Sums) Sums {
	s.Requested += t.Requested
	s.NoAccount += t.NoAccount
	s.Inactive += t.Inactive
	s.Throttled += t.Throttled
	s.NoPassword += t.NoPassword
	s.Unmatched += t.Unmatched
	s.MailAccepted += t.MailAccepted
	s.MailUnknown += t.MailUnknown
	s.MailFailed += t.MailFailed
	s.MailBounced += t.MailBounced
	s.Opened += t.Opened
	s.Revoked += t.Revoked
	s.Used += t.Used
	s.Open += t.Open
	for i, n := range t.UsedWithin {
		s.UsedWithin[i] += n
	}
	return s
}

// UsedIn returns the shortest of UseTimes within which the given percentage of the
// used links was used; 0 if no link was used.
func (s Sums) UsedIn(percent int) time.Duration {
	if s.Used == 0 {
		return 0
	}
	for i, n := range s.UsedWithin {
		if n*100 >= s.Used*percent {
			return UseTimes[i]
		}
	}
	return reset.MaxLifetime
}
