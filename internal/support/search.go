package support

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"resetd/internal/history"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	pageSize = 25   // about one screen
	mostRows = 1000 // the limit of the count; above it a page shows "more than 1,000"
)

type searchView struct {
	page
	Query    query
	Kind     history.Kind // the meaning of the text
	Rows     []row
	Count    string    // empty after the first page
	Older    string    // URL of the next page; empty on the last page
	Newest   string    // URL of the first page; empty on the first page
	Bound    time.Time // how far back the search goes by default; zero: no default bound
	AllTime  bool      // the search was continued beyond that bound
	Further  string    // URL to continue beyond the bound or the stop; empty if there is nothing more
	Stopped  bool      // the search took too long
	Reached  time.Time // how far back a stopped search got; zero: nowhere
	CSV      string
	JSON     string
	Choices  []choice
	Unread   bool
	Whole    bool // the text is a whole address
	People   people
	Nobody   bool          // no account has or had the address
	Near     []person      // whose address is similar to that of nobody
	Persons  []person      // whom the resets of a search with conditions are about
	Unnamed  bool          // nobody has the name, or a part of it
	SignUps  []entry       // with this address, and their emails
	Actions  []auditLine   // of staff, with the text in their reasons
	Activity string        // URL of all of them; empty if the member may not see it
	Events   accountEvents // of accounts, from this IP address or network

	shown query // the parts of Query that could be parsed

	Narrowed bool // the query has conditions besides the text
}

// FormZone returns the zone of the days that the form asks for: that of the search or, if
// it has no days, of the reader.
func (v searchView) FormZone() string {
	if v.Query.Since == "" && v.Query.Until == "" {
		return v.Zone()
	}
	return v.Query.ZoneName()
}

// MaybeQueueID reports whether nobody was found by a text that may be the id which a mail server
// gave an email. No index has its replies, so it is not searched for.
func (v searchView) MaybeQueueID() bool {
	return v.Unnamed && slices.ContainsFunc(queueIDs.FindAllString(v.Query.Text, -1), func(id string) bool {
		return strings.ContainsAny(id, "0123456789") && strings.ContainsAny(strings.ToLower(id), "abcdefghijklmnopqrstuvwxyz")
	})
}

// queueIDs matches words as long as the ids of mail servers. Those have letters and digits.
var queueIDs = regexp.MustCompile(`[0-9A-Za-z-]{8,}`)

// FieldType returns the type of the field for the first or the last day, which a bar of the
// overview may set to a minute.
func (searchView) FieldType(value string) string {
	if len(value) == len(minuteLayout) {
		return "datetime-local"
	}
	return "date"
}

func (s *support) search(v visit) error {
	q, broken := queryOf(v.Request)
	if q.Text != strings.TrimSpace(v.Query("q")) { // a pasted link, which must not stay in the page's address
		return web.SeeOther(v.Context, q.with("/support", ""))
	}
	if !staff.May(v.member.Role, staff.Searched) {
		return s.findForSender(v)
	}
	to, err := q.inDays(s.page(v), v.now, zone(v.Context))
	if err != nil {
		return err
	}
	if to != "" {
		return web.SeeOther(v.Context, to)
	}
	if err := s.may(v, staff.Searched, target(v, q, broken)); err != nil {
		return err
	}
	others, wrong := q.filter()
	shown := q.without(wrong)
	view := searchView{page: s.page(v), Query: q, shown: shown, CSV: shown.with("/support/resets.csv", ""), JSON: shown.with("/support/resets.json", ""), Narrowed: shown.narrowed()}
	if err := view.refuseAll(wrong); err != nil {
		return err
	}
	readings, err := history.Readings(q.Text)
	if err = cmp.Or(broken, err); err != nil {
		view.Unread = true
		if err := view.refuseText(err); err != nil {
			return err
		}
		return s.showSearch(v, http.StatusUnprocessableEntity, view)
	}
	view.Whole = readings[0].Kind == history.Address
	found, err := s.searchBoth(v, &view, readings, others)
	if err != nil {
		return err
	}
	if to := view.People.Mailed; to != "" {
		return web.SeeOther(v.Context, query{Text: to}.with("/support", ""))
	}
	if one, only := view.People.one(found.Resets); only {
		return web.SeeOther(v.Context, cmp.Or(view.People.Mail, one.Path))
	}
	if len(found.Resets) == 0 && len(view.People.Found) == 0 && q == (query{Text: q.Text}) { // a name is found first
		to, err := q.byWords(view.page, nil)
		if err != nil {
			return err
		}
		if to != "" {
			return web.SeeOther(v.Context, to)
		}
	}
	return s.showSearch(v, http.StatusOK, view)
}

// searchBoth looks for people, if the search may be for them, and for resets. It looks for
// whole keys first. Only if there are none, it looks for a part in both at the same time,
// because each has to read a lot.
func (s *support) searchBoth(v visit, view *searchView, readings []history.Reading, others history.Filter) (found history.Page, err error) {
	if !view.Query.wantsPeople(readings) || v.Query("after") != "" {
		if err := s.accountEvents(v, view, readings[0], others); err != nil {
			return found, err
		}
		found, err = s.fill(v, view, readings, others)
		if err == nil && len(found.Resets) == 0 && view.Narrowed && view.Query.mayName(readings) {
			view.People, err = s.findPeople(v.ctx(), view.Query.Text, true)
			view.Unnamed = view.People.none()
			return found, cmp.Or(err, s.actionsByReason(v, view, others))
		}
		if err == nil && view.Query.Text != "" && v.Query("after") == "" {
			err = s.persons(v, view, readings[0], others)
		}
		return found, err
	}
	if view.People, err = s.findPeople(v.ctx(), view.Query.Text, false); err != nil {
		return found, err
	}
	if _, only := view.People.one(nil); only || view.People.Mailed != "" {
		return found, nil
	}
	if view.Nobody = view.Whole && len(view.People.Found) == 0 && !view.People.Stuck; view.Nobody {
		if view.SignUps, err = s.signUps(v.ctx(), view.page, readings[0].Filter.Email); err != nil {
			return found, err
		}
		if view.Near, err = s.near(v.ctx(), readings[0].Filter.Email); err == nil && len(view.Near) == 0 {
			view.Near, err = s.elsewhere(v.ctx(), readings[0].Filter.Email)
		}
		if err != nil {
			return found, err
		}
	}
	parts := slices.IndexFunc(readings, func(r history.Reading) bool { return r.Kind == history.Part })
	if found, err = s.fill(v, view, readings[:parts], others); err != nil || len(found.Resets) > 0 || found.Stopped {
		return found, err
	}
	var failed, unread error
	var both sync.WaitGroup
	both.Go(func() { unread = s.actionsByReason(v, view, others) })
	if len(view.People.Found) == 0 {
		both.Go(func() { view.People, failed = s.findPeople(v.ctx(), view.Query.Text, true) })
	}
	found, err = s.fill(v, view, readings[parts:], others)
	both.Wait()
	view.Unnamed = !view.Whole && view.People.none()
	return found, cmp.Or(err, failed, unread)
}

// persons sets whom a search for a whole key with conditions is about. Their paths lead to the
// days of the search in the timeline.
func (s *support) persons(v visit, view *searchView, r history.Reading, days history.Filter) error {
	if r.Filter.Network.IsValid() {
		return nil
	}
	found, err := s.findPeople(v.ctx(), view.Query.Text, false)
	for _, one := range found.Found {
		one.Path = storyPath(one.Path, everything, days.Until)
		view.Persons = append(view.Persons, one)
	}
	return err
}

// wantsPeople reports whether a search is also for people: it has nothing but a text
// that may be a name.
func (q query) wantsPeople(readings []history.Reading) bool {
	kind := readings[0].Kind
	return q == query{Text: q.Text} && kind != history.Anything && kind != history.IP && kind != history.Network
}

// mayName reports whether a text may be a name, or a part of a name or an address. The
// resets know no names, so a search with days finds its people here.
func (q query) mayName(readings []history.Reading) bool {
	isPart := func(r history.Reading) bool { return r.Kind == history.Part }
	return readings[0].Kind != history.Address && slices.ContainsFunc(readings, isPart) && q.Only == ""
}

func (s *support) showSearch(v visit, status int, view searchView) (err error) {
	if view.Choices, err = choices(view.page, view.Query.Status); err != nil {
		return err
	}
	if view.People, err = s.tellApart(v.ctx(), view.page, view.People); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, status, "support_search.html", view)
}
