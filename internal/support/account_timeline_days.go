package support

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"resetd/internal/history"
	"resetd/internal/staff"
)

// teller makes entries.
type teller struct {
	page
	span  history.Span
	topic topic
	view  *accountView
	ids   map[string]int // how many entries have the same name
	all   []entry
}

// tell returns the entries by day, newest first.
func (t *teller) tell(found history.Story, actions []staff.Entry) (days []storyDay) {
	for _, l := range found.Resets {
		t.life(l)
	}
	for _, e := range found.Events {
		t.event(e)
	}
	for _, d := range found.Mails {
		t.mail(d)
	}
	for _, u := range found.SignUps {
		t.signUp(u)
	}
	actions = withoutTries(actions)
	for i, e := range actions {
		t.action(e, actions[:i])
	}
	slices.SortStableFunc(t.all, func(a, b entry) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.order, a.order)) })
	for _, e := range t.all {
		name := t.Day(e.at)
		if len(days) == 0 || days[len(days)-1].Name != name {
			days = append(days, storyDay{Name: name})
		}
		last := &days[len(days)-1]
		last.Entries = append(last.Entries, t.named(e))
	}
	return days
}

// withoutTries leaves out each try of a caller's code whose next line says why it did not
// count: two lines would look like two tries. The newest action is first.
func withoutTries(actions []staff.Entry) (all []staff.Entry) {
	failed := staff.Entry{}
	for _, e := range actions {
		if e.Action == staff.TypedCode && e.Refused == "" && failed.Member == e.Member && failed.Target == e.Target {
			failed = staff.Entry{}
			continue
		}
		if e.Action == staff.TypedCode && e.Refused != "" && e.Refused != staff.ErrForbidden.Error() { // that has no try before it
			failed = e
		}
		all = append(all, e)
	}
	return all
}

// named gives an entry its name on the page and its link.
func (t *teller) named(e entry) entry {
	name := e.Class + "-" + strconv.FormatInt(e.at.UnixMicro(), 36)
	if t.ids[name]++; t.ids[name] > 1 {
		name += "-" + strconv.Itoa(t.ids[name])
	}
	e.ID, e.When = name, t.When(e.at)
	e.Link = storyPath(t.view.UserPath, everything, e.at.Add(time.Microsecond)) + "#" + name
	return e
}

// add adds an entry if it is in the span and of the topic.
func (t *teller) add(e entry, about ...topic) {
	if t.span.Contains(e.at) && (t.topic == everything || slices.Contains(about, t.topic)) {
		e.order = len(t.all)
		t.all = append(t.all, e)
	}
}
