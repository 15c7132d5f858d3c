package support

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// withins are the numbers of days that the activity page offers; 0 means any time.
var withins = []int{0, 1, 7, 30, 90}

// activityQuery is the query of the activity page's URL.
type activityQuery struct {
	Who, What, Whom string
	Why             string // a part of the reason
	Within          string // days until now
	Since, Until    string // days in Zone
	Zone            string // empty: that of the reader
}

func readActivity(values url.Values) activityQuery {
	return activityQuery{
		Who: strings.TrimSpace(values.Get("who")), What: values.Get("what"), Whom: reset.NameTokens(strings.TrimSpace(values.Get("whom"))), Why: reset.NameTokens(strings.TrimSpace(values.Get("why"))),
		Within: values.Get("within"), Since: values.Get("since"), Until: values.Get("until"), Zone: values.Get("zone"),
	}
}

// with returns the URL of the query on a path. The zone is part of it only if there are
// days, because they depend on it: a colleague in another zone sees the same entries.
func (q activityQuery) with(path, before string) string {
	if q.Since == "" && q.Until == "" {
		q.Zone = ""
	}
	return pathWith(path, map[string]string{
		"who": q.Who, "what": q.What, "whom": q.Whom, "why": q.Why, "within": q.Within, "since": q.Since, "until": q.Until, "zone": q.Zone, "before": before,
	})
}

// activityOf returns the query of a request, or web.ErrBadRequest if a part of it can't
// be decoded.
func activityOf(v visit) (activityQuery, error) {
	values, err := url.ParseQuery(v.Request.URL.RawQuery)
	if err != nil || !storable(values) {
		return activityQuery{}, web.ErrBadRequest
	}
	q := readActivity(values)
	if q.Zone == "" || q.location(nil) == nil {
		q.Zone = zone(v.Context).String()
	}
	return q, nil
}

// storable reports whether the databases accept all values.
func storable(values url.Values) bool {
	for _, all := range values {
		for _, text := range all {
			if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
				return false
			}
		}
	}
	return true
}

// location returns the zone of the days, or another one if that is unknown.
func (q activityQuery) location(otherwise *time.Location) *time.Location {
	found, err := loadZone(q.Zone)
	if err != nil {
		return otherwise
	}
	return found
}

// search returns the search for everything but the person. It returns the parts that
// can't be read in wrong; they are not part of the search.
func (q activityQuery) search(now time.Time) (s staff.Search, wrong []misread) {
	s.Member, s.Reason = q.Who, q.Why
	if !s.SetAction(q.What) {
		wrong = append(wrong, misread{"what", "support_misread_action", q.What})
	}
	if days, err := strconv.Atoi(q.Within); q.Within != "" && (err != nil || !slices.Contains(withins, days)) {
		wrong = append(wrong, misread{"within", "support_misread_within", q.Within})
	} else if days > 0 {
		s.Since = now.AddDate(0, 0, -days)
	}
	since, until, wrongDays := daysIn(q.Since, q.Until, q.location(time.UTC))
	if since.After(s.Since) {
		s.Since = since
	}
	s.Until = until
	return s, append(wrong, wrongDays...)
}

// without returns the query without the parts that can't be read.
func (q activityQuery) without(wrong []misread) activityQuery {
	clearMisread(wrong, map[string]*string{"what": &q.What, "within": &q.Within, "since": &q.Since, "until": &q.Until})
	return q
}
