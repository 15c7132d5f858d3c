package support

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"resetd/internal/history"
)

// query is what a page's address says, kept as it was said: the address is what
// is sent to a colleague.
type query struct {
	Text, Since, Until string
	Status             string // or the reason of a withheld one
}

// asked reads what a request asks for. A pair that can't be decoded would be left
// out without a word, and the search be one for everything: that is unreadable.
func asked(r *http.Request) (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		err = fmt.Errorf("%w: the address of this page is not whole, perhaps cut off when it was copied", history.ErrUnreadable)
	}
	return readQuery(values), err
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

// without is the query that remains of one with parts that can't be read.
func (q query) without(wrong []misread) query {
	for _, w := range wrong {
		switch w.Field {
		case "status":
			q.Status = ""
		case "since":
			q.Since = ""
		case "until":
			q.Until = ""
		}
	}
	return q
}

// narrowed tells whether more than the text is asked for.
func (q query) narrowed() bool { return q.Status != "" || q.Since != "" || q.Until != "" }

// misread is a part of a query that can't be read, with the words for it.
type misread struct{ Field, ID, Value string }

// filter reads everything but the text. What can't be read is left out and said.
func (q query) filter() (f history.Filter, wrong []misread) {
	if !f.SetStatus(q.Status) {
		wrong = append(wrong, misread{"status", "support_misread_status", q.Status})
	}
	var ok bool
	if f.Since, _, ok = history.ParseDay(q.Since); !ok {
		wrong = append(wrong, misread{"since", "support_misread_day", q.Since})
	}
	if _, f.Until, ok = history.ParseDay(q.Until); !ok { // the day itself belongs to it
		wrong = append(wrong, misread{"until", "support_misread_day", q.Until})
	}
	if !f.Since.IsZero() && !f.Until.IsZero() && !f.Until.After(f.Since) {
		wrong = append(wrong, misread{"until", "support_misread_order", q.Until})
		f.Until = time.Time{}
	}
	return f, wrong
}
