package support

import (
	"errors"
	"net/http"
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

// activityPath is the path of the page that shows what staff did.
const activityPath = "/support/audit"

// withins are the numbers of days that the activity page offers; 0 means any time.
var withins = []int{0, 1, 7, 30, 90}

// activityQuery is the query of the activity page's URL.
type activityQuery struct {
	Who, What, Whom string
	Within          string // days until now
	Since, Until    string // days in Zone
	Zone            string // empty: that of the reader
}

func readActivity(values url.Values) activityQuery {
	return activityQuery{
		Who: strings.TrimSpace(values.Get("who")), What: values.Get("what"), Whom: reset.NameTokens(strings.TrimSpace(values.Get("whom"))),
		Within: values.Get("within"), Since: values.Get("since"), Until: values.Get("until"), Zone: values.Get("zone"),
	}
}

// with returns the URL of the query on a path. The zone is part of it only if there are
// days, because they depend on it: a colleague in another zone sees the same entries.
func (q activityQuery) with(path, before string) string {
	if q.Since == "" && q.Until == "" {
		q.Zone = ""
	}
	values := url.Values{}
	for name, value := range map[string]string{
		"who": q.Who, "what": q.What, "whom": q.Whom, "within": q.Within, "since": q.Since, "until": q.Until, "zone": q.Zone, "before": before,
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
	s.Member = q.Who
	if !s.SetAction(q.What) {
		wrong = append(wrong, misread{"what", "support_misread_action", q.What})
	}
	if days, err := strconv.Atoi(q.Within); q.Within != "" && (err != nil || !slices.Contains(withins, days)) {
		wrong = append(wrong, misread{"within", "support_misread_within", q.Within})
	} else if days > 0 {
		s.Since = now.AddDate(0, 0, -days)
	}
	since, _, ok := dayIn(q.Since, q.location(time.UTC))
	if !ok {
		wrong = append(wrong, misread{"since", "support_misread_day", q.Since})
	}
	if since.After(s.Since) {
		s.Since = since
	}
	if _, s.Until, ok = dayIn(q.Until, q.location(time.UTC)); !ok {
		wrong = append(wrong, misread{"until", "support_misread_day", q.Until})
	}
	if !since.IsZero() && !s.Until.IsZero() && !s.Until.After(since) {
		wrong = append(wrong, misread{"until", "support_misread_order", q.Until})
		s.Until = time.Time{}
	}
	return s, wrong
}

// without returns the query without the parts that can't be read.
func (q activityQuery) without(wrong []misread) activityQuery {
	for _, w := range wrong {
		switch w.Field {
		case "what":
			q.What = ""
		case "within":
			q.Within = ""
		case "since":
			q.Since = ""
		case "until":
			q.Until = ""
		}
	}
	return q
}

type activityView struct {
	page
	Query   activityQuery
	Entries []auditLine
	Members []string // the names to choose from
	Groups  []staff.Group
	Withins []int
	Older   string
	Newest  string
	CSV     string
	JSON    string
	Stuck   bool // the accounts could not be searched for the person
}

// Picked reports whether a value is chosen.
func (view activityView) Picked(chosen string, value any) bool {
	switch value := value.(type) {
	case int:
		return chosen == strconv.Itoa(value) || value == 0 && chosen == ""
	case staff.Action:
		return chosen == string(value)
	default:
		return chosen == value
	}
}

func (s *support) activity(v visit) error {
	q, err := activityOf(v)
	if may := s.may(v, staff.ViewedAudit, strings.TrimPrefix(q.with("", ""), "?")); may != nil || err != nil {
		return errors.Join(may, err)
	}
	search, wrong := q.search(v.now)
	view := activityView{page: s.page(v), Query: q, Groups: staff.Groups, Withins: withins}
	for _, w := range wrong {
		if err := view.Refuse(w.Field, w.ID, "Value", w.Value); err != nil {
			return err
		}
	}
	if search.Targets, view.Stuck, err = s.targets(v.ctx(), q.Whom); err != nil {
		return err
	}
	if search.After = readPosition(v.Query("before")); search.After != (staff.Position{}) {
		view.Newest = q.with(activityPath, "")
	}
	search.Rows = pageSize + 1
	entries, err := s.Staff.Audit(v.ctx(), search)
	if err != nil {
		return err
	}
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		view.Older = q.with(activityPath, writePosition(entries[pageSize-1].Position()))
	}
	shown := q.without(wrong)
	view.CSV, view.JSON = shown.with(activityPath+".csv", ""), shown.with(activityPath+".json", "")
	if view.Members, err = s.names(v, q.Who); err != nil {
		return err
	}
	for _, e := range entries {
		l, err := line(view.page, e)
		if err != nil {
			return err
		}
		view.Entries = append(view.Entries, l)
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_audit.html", view)
}

// names returns all names that entries can have, and the chosen one.
func (s *support) names(v visit, chosen string) ([]string, error) {
	members, err := s.Staff.Members(v.ctx())
	names := []string{staff.Command, staff.Nobody}
	for _, m := range members {
		names = append(names, m.Name)
	}
	if chosen != "" && !slices.Contains(names, chosen) {
		names = append(names, chosen)
	}
	return names, err
}

// readPosition returns the zero position for an invalid text.
func readPosition(text string) staff.Position {
	at, id, _ := strings.Cut(text, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	number, e := strconv.ParseInt(id, 10, 64)
	t := time.UnixMicro(micros).UTC()
	if err != nil || e != nil || number <= 0 || t.Year() < 2 || t.Year() > 9999 {
		return staff.Position{}
	}
	return staff.Position{At: t, ID: number}
}

func writePosition(p staff.Position) string {
	return strconv.FormatInt(p.At.UnixMicro(), 10) + "." + strconv.FormatInt(p.ID, 10)
}
