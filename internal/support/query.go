package support

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// query is what a page's address says, kept as it was said: the address is what
// is sent to a colleague.
type query struct {
	Text, Since, Until string
	Status             string // or the reason of a withheld one
}

func readQuery(values url.Values) query {
	return query{
		Text: strings.TrimSpace(values.Get("q")), Status: values.Get("status"), Since: values.Get("since"), Until: values.Get("until"),
	}
}

// with is the address of the same search on a path, from a position on.
func (q query) with(path, after string) string {
	values := url.Values{}
	for name, value := range map[string]string{
		"q": q.Text, "status": q.Status, "since": q.Since, "until": q.Until, "after": after,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// statuses are those that can be chosen, and reasons those of withheld ones.
var (
	statuses = append(slices.Clone(reset.Statuses), history.MailFailed)
	reasons  = []reset.Withheld{reset.WithheldNoAccount, reset.WithheldInactive, reset.WithheldThrottled, reset.WithheldNoPassword}
)

// misread is a part of a query that can't be read, with the words for it.
type misread struct{ Field, ID, Value string }

// filter reads everything but the text. What can't be read is left out and said.
func (q query) filter() (f history.Filter, wrong []misread) {
	status, reason := reset.Status(q.Status), reset.Withheld(q.Status)
	switch {
	case q.Status == "", slices.Contains(statuses, status):
		f.Status = status
	case slices.Contains(reasons, reason):
		f.Status, f.Withheld = reset.StatusWithheld, reason
	default:
		wrong = append(wrong, misread{"status", "support_misread_status", q.Status})
	}
	var ok bool
	if f.Since, ok = readDay(q.Since); !ok {
		wrong = append(wrong, misread{"since", "support_misread_day", q.Since})
	}
	if f.Until, ok = readDay(q.Until); !ok {
		wrong = append(wrong, misread{"until", "support_misread_day", q.Until})
	} else if !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1) // the day itself belongs to it
	}
	return f, wrong
}

func readDay(text string) (day time.Time, ok bool) {
	if text == "" {
		return time.Time{}, true
	}
	day, err := time.Parse(time.DateOnly, text)
	return day, err == nil
}

// restricted puts what was typed under the other filters.
func restricted(typed, others history.Filter) history.Filter {
	typed.Status, typed.Withheld, typed.Since, typed.Until = others.Status, others.Withheld, others.Since, others.Until
	return typed
}

// found is the first reading of a text that matches anything, with its newest
// rows; the last one where none does.
func (s *support) found(ctx context.Context, readings []history.Reading, others history.Filter, now time.Time, after history.Position) (history.Reading, []history.Row, error) {
	for i, r := range readings {
		r.Filter = restricted(r.Filter, others)
		rows, err := s.History.Page(ctx, r.Filter, now, after, pageSize+1)
		if err != nil || len(rows) > 0 || i == len(readings)-1 {
			return r, rows, err
		}
	}
	return history.Reading{}, nil, nil
}
