package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"resetd/internal/reset"
)

// Statuses are the statuses that a search accepts. A search also accepts Reasons,
// which are the reasons of withheld resets.
var (
	Statuses = append(slices.Clone(reset.Statuses), MailQueued, MailSent, MailReceived, MailFailed, MailUnknown, MailReturned, MailSlow, NoEmail, WasOpened, OpenedOnly, StillOpen, Failed)
	Reasons  = []reset.Withheld{reset.WithheldNoAccount, reset.WithheldInactive, reset.WithheldThrottled, reset.WithheldNoPassword, reset.WithheldUnmatched}
)

// SetStatus sets a status, a reason or UsedIn from a text; an empty text means any status.
// It reports whether the text is valid.
func (f *Filter) SetStatus(text string) bool {
	status, reason := reset.Status(text), reset.Withheld(text)
	switch {
	case text == "", slices.Contains(Statuses, status):
		f.Status = status
	case slices.Contains(Reasons, reason):
		f.Status, f.Withheld = reset.StatusWithheld, reason
	case useTime(text) != 0:
		f.Status, f.UsedIn = reset.StatusUsed, useTime(text)
	default:
		return false
	}
	return true
}

// and returns a filter with the conditions of both. If both set a field, f counts.
func (f Filter) and(g Filter) Filter {
	f.Email, f.Part, f.UserID, f.IDPrefix = cmp.Or(f.Email, g.Email), cmp.Or(f.Part, g.Part), cmp.Or(f.UserID, g.UserID), cmp.Or(f.IDPrefix, g.IDPrefix)
	f.ID, f.Network = cmp.Or(f.ID, g.ID), cmp.Or(f.Network, g.Network)
	f.Status, f.Withheld, f.UsedIn = cmp.Or(f.Status, g.Status), cmp.Or(f.Withheld, g.Withheld), cmp.Or(f.UsedIn, g.UsedIn)
	f.Since, f.Until = cmp.Or(f.Since, g.Since), cmp.Or(f.Until, g.Until)
	return f
}

// Find tries the readings of a text in order, and answers with the first that
// matches a reset, or else with the last. The search's filter does not decide which
// reading is taken: a reading counts even if the filter excludes all its matches.
//
// Find returns the search that it answered: the filters of the reading and of the
// search combined, and the cursor. A nil cursor starts a new search. If the search
// asks for no rows, Find returns only the search.
func Find(ctx context.Context, record Store, readings []Reading, q Search, from *Cursor) (kind Kind, answered Search, page Page, err error) {
	others, began := q.Filter, time.Now()
	search := func(s Search) (Page, error) { // all searches together may take q.Time
		if q.Time > 0 {
			s.Time = max(q.Time-time.Since(began), time.Millisecond)
		}
		return record.Page(ctx, s.first())
	}
	for i, reading := range readings {
		kind, q.Filter, q.From = reading.Kind, reading.Filter.and(others), Start(reading.Filter.and(others), q.Now)
		if from != nil {
			q.From = *from
		}
		last := i == len(readings)-1
		if last && q.Rows == 0 {
			break
		}
		if page, err = search(q); err != nil || len(page.Resets) > 0 || page.Stopped || last {
			break
		}
		if others == (Filter{}) && from == nil {
			continue
		}
		alone := Search{Filter: reading.Filter, Now: q.Now, From: Start(reading.Filter, q.Now)}
		if other, err := search(alone); err != nil || len(other.Resets) > 0 || other.Stopped {
			return kind, q, page, err
		}
	}
	return kind, q, page, err
}

// first returns the search with at least one row.
func (s Search) first() Search {
	s.Rows = max(s.Rows, 1)
	s.Count = max(s.Count, s.Rows)
	return s
}
