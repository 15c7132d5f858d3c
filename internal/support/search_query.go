package support

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// query is the query of a page's URL. Its values are kept unchanged, because people
// send the URL to colleagues.
type query struct {
	Text, Since, Until string
	Status             string // a status, or the reason of a withheld reset
	Zone               string // of Since and Until; empty: UTC
	Only               string // onlyResets: do not look for people; else empty
}

// onlyResets is the value of Only for a list of resets.
const onlyResets = "resets"

// queryOf returns the query of a request. If a parameter can't be decoded, it returns
// an error: without that parameter the search would match too much.
func queryOf(r *http.Request) (query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		err = history.CutOff
	}
	return readQuery(values), err
}

func readQuery(values url.Values) query {
	zone := values.Get("zone")
	if _, err := loadZone(zone); err != nil || zone == "UTC" || values.Get("since") == "" && values.Get("until") == "" {
		zone = ""
	}
	return query{
		Zone: zone,
		Text: reset.NameTokens(strings.TrimSpace(values.Get("q"))), Status: values.Get("status"), Only: oneOf(values.Get("only"), "", onlyResets), Since: values.Get("since"), Until: values.Get("until"),
	}
}

// with returns the URL of the same search on a path, starting at a position.
func (q query) with(path, after string) string {
	return pathWith(path, map[string]string{
		"q": q.Text, "status": q.Status, "since": q.Since, "until": q.Until, "zone": q.zoneOfDays(), "only": q.Only, "after": after,
	})
}

// pathWith returns a path with the parameters that have a value.
func pathWith(path string, parameters map[string]string) string {
	values := url.Values{}
	for name, value := range parameters {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// without returns the query without the parts that can't be parsed.
func (q query) without(wrong []misread) query {
	clearMisread(wrong, map[string]*string{"status": &q.Status, "since": &q.Since, "until": &q.Until})
	return q
}

// zoneOfDays returns the zone as a URL has it: none without days, or if it is UTC.
func (q query) zoneOfDays() string {
	if q.Since == "" && q.Until == "" || q.Zone == "UTC" {
		return ""
	}
	return q.Zone
}

// ZoneName returns the name of the zone of the days.
func (q query) ZoneName() string { return cmp.Or(q.Zone, "UTC") }

// narrowed reports whether the query has conditions besides the text.
func (q query) narrowed() bool { return q.Status != "" || q.Since != "" || q.Until != "" }

// misread is a part of a query that can't be parsed, with the id of its message.
type misread struct{ Field, ID, Value string }

// refuseAll explains at the fields what can't be parsed.
func (p *page) refuseAll(wrong []misread) error {
	for _, w := range wrong {
		if err := p.Refuse(w.Field, w.ID, "Value", w.Value); err != nil {
			return err
		}
	}
	return nil
}

// clearMisread clears the values that can't be parsed.
func clearMisread(wrong []misread, values map[string]*string) {
	for _, w := range wrong {
		*values[w.Field] = ""
	}
}

// filter parses all parts except the text. It returns the parts that can't be parsed
// in wrong.
func (q query) filter() (f history.Filter, wrong []misread) {
	if !f.SetStatus(q.Status) {
		wrong = append(wrong, misread{"status", "support_misread_status", q.Status})
	}
	zone, err := loadZone(q.ZoneName())
	if err != nil {
		zone = time.UTC
	}
	var wrongDays []misread
	f.Since, f.Until, wrongDays = daysIn(q.Since, q.Until, zone)
	return f, append(wrong, wrongDays...)
}

// daysIn parses the first and the last day of a search. It returns when the first begins
// and when the last ends; zero: no bound.
func daysIn(first, last string, zone *time.Location) (since, until time.Time, wrong []misread) {
	var ok bool
	if since, _, ok = dayIn(first, zone); !ok {
		wrong = append(wrong, misread{"since", "support_misread_day", first})
	}
	if _, until, ok = dayIn(last, zone); !ok {
		wrong = append(wrong, misread{"until", "support_misread_day", last})
	}
	if !since.IsZero() && !until.IsZero() && !until.After(since) {
		wrong = append(wrong, misread{"until", "support_misread_order", last})
		until = time.Time{}
	}
	return since, until, wrong
}

// oneOf returns a value if it is one of the others, otherwise the first of these.
func oneOf[T ~string](value T, others ...T) T {
	if slices.Contains(others, value) {
		return value
	}
	return others[0]
}

// refuseText explains why a text can't be searched for.
func (p *page) refuseText(err error) error {
	why, ok := errors.AsType[history.Unreadable](err)
	if !ok {
		return err
	}
	return p.Refuse("q", "unreadable_"+string(why))
}
