package history

import (
	"time"

	"resetd/internal/reset"
)

// SampleSize is how many rows the lists of an overview are computed from: the newest
// of their kind on the shown days.
const SampleSize = 1000

// Overview is the figures of the shown days.
type Overview struct {
	Days     []DaySums  // each day, oldest first
	Refusing []Refusing // mail servers of the newest emails that failed, most first
	Busiest  []Counted  // IP addresses of the newest requests, most first
}

// DaySums is the figures of a day.
type DaySums struct {
	Day time.Time // its beginning, UTC
	Sums
}

// Sums counts the resets requested in a period, by their present state.
type Sums struct {
	Requested                                             int
	NoAccount, Inactive, Throttled, NoPassword, Unmatched int // withheld for this reason
	MailAccepted, MailUnknown, MailFailed, MailBounced    int // the state of the email with the link
	Opened, Revoked, Used                                 int
	UsedWithin                                            [len(UseTimes)]int // within this time after the request
}

// UseTimes are the limits for the time from a request to the use of its link. The
// last, implied limit is reset.MaxLifetime, which every used link meets.
var UseTimes = [...]time.Duration{
	time.Minute, 2 * time.Minute, 3 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	20 * time.Minute, 30 * time.Minute, 45 * time.Minute, time.Hour, 6 * time.Hour,
}

// Delivered counts the emails with a link that a mail server accepted.
func (s Sums) Delivered() int { return s.MailAccepted + s.MailBounced }

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

// Refusing is a mail server that refused emails for a domain.
type Refusing struct {
	Counted
	Server string // host and port
}

// Counted is a name and how often it occurred.
type Counted struct {
	Name  string
	Count int
}
