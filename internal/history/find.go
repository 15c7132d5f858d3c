package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"resetd/internal/reset"
)

// Statuses are those that can be asked for, and Reasons those of withheld resets,
// which can be asked for in place of a status.
var (
	Statuses = append(slices.Clone(reset.Statuses), MailFailed)
	Reasons  = []reset.Withheld{reset.WithheldNoAccount, reset.WithheldInactive, reset.WithheldThrottled, reset.WithheldNoPassword}
)

// SetStatus reads a status or a reason; empty is any. It reports whether it could.
func (f *Filter) SetStatus(text string) bool {
	status, reason := reset.Status(text), reset.Withheld(text)
	switch {
	case text == "", slices.Contains(Statuses, status):
		f.Status = status
	case slices.Contains(Reasons, reason):
		f.Status, f.Withheld = reset.StatusWithheld, reason
	default:
		return false
	}
	return true
}

// and is what both choose. Where both set a field, the first counts.
func (f Filter) and(g Filter) Filter {
	f.Email, f.Part, f.UserID, f.IDPrefix = cmp.Or(f.Email, g.Email), cmp.Or(f.Part, g.Part), cmp.Or(f.UserID, g.UserID), cmp.Or(f.IDPrefix, g.IDPrefix)
	f.ID, f.Network = cmp.Or(f.ID, g.ID), cmp.Or(f.Network, g.Network)
	f.Status, f.Withheld = cmp.Or(f.Status, g.Status), cmp.Or(f.Withheld, g.Withheld)
	f.Since, f.Until = cmp.Or(f.Since, g.Since), cmp.Or(f.Until, g.Until)
	return f
}

// Find returns the first reading of a text that matches anything under other
// filters, with its newest n rows behind a position; the last one where none
// does. The reading's filter is then the whole of it. What a text means goes by
// the record alone: a reading whose matches the filters leave out is still meant.
func Find(ctx context.Context, record Store, readings []Reading, others Filter, now time.Time, after Position, n int) (found Reading, rows []Row, err error) {
	for i, reading := range readings {
		found = Reading{reading.Kind, reading.Filter.and(others)}
		if rows, err = record.Page(ctx, found.Filter, now, after, n); err != nil || len(rows) > 0 || i == len(readings)-1 {
			break
		}
		if others == (Filter{}) && after == (Position{}) {
			continue
		}
		if alone, err := record.Page(ctx, reading.Filter, now, Position{}, 1); err != nil || len(alone) > 0 {
			return found, nil, err
		}
	}
	return found, rows, err
}
