package support

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

// storyRows is how many requests, events, emails and actions a page of a timeline
// has. What happened to the requests comes in addition.
const storyRows = 40

// timelineView is one page of a person's timeline, newest first.
type timelineView struct {
	Days   []storyDay
	Topics []topicLink
	Older  string // URL of the page before; empty if there is none
	Newest string // URL of the first page; empty on it
	Empty  bool
}

// storyDay is a day in the reader's zone.
type storyDay struct {
	Name    string
	Entries []entry
}

// topicLink selects the entries of a topic.
type topicLink struct {
	Topic  topic
	Path   string
	Picked bool
}

// topic is a kind of entries.
type topic string

// The topics.
const (
	everything topic = ""
	ofResets   topic = "resets"
	ofEmails   topic = "emails"
	ofOpens    topic = "opens"
	ofSignIns  topic = "sign_ins"
	ofChanges  topic = "changes"
	ofStaff    topic = "staff"
)

var topics = []topic{everything, ofResets, ofEmails, ofOpens, ofSignIns, ofChanges, ofStaff}

var (
	signInKinds = []reset.EventKind{
		reset.EventSignedIn, reset.EventSignInFailed, reset.EventWrongPassword, reset.EventLocked, reset.EventUnlocked, reset.EventSessionsEnded,
	}
	changeKinds = []reset.EventKind{reset.EventPasswordChanged, reset.EventSignedUp, reset.EventDisabled, reset.EventEnabled, reset.EventNotMe}
)

// sources returns what the entries of a topic are made of.
func (t topic) sources() history.Sources {
	switch t {
	case ofResets, ofOpens:
		return history.Sources{Resets: true}
	case ofEmails:
		return history.Sources{Resets: true, Mails: true, Events: true, Kinds: []reset.EventKind{reset.EventBounced}}
	case ofSignIns:
		return history.Sources{Events: true, Kinds: signInKinds}
	case ofChanges:
		return history.Sources{Resets: true, Events: true, Kinds: changeKinds}
	case ofStaff:
		return history.Sources{}
	default:
		return history.Sources{Resets: true, Mails: true, Events: true}
	}
}

// story sets one page of the timeline.
func (s *support) story(v visit, view *accountView) error {
	picked := topic(oneOf(v.Query("kind"), string(everything), string(ofResets), string(ofEmails), string(ofOpens), string(ofSignIns), string(ofChanges), string(ofStaff)))
	until := beforeOf(v.Query("before"))
	span, more, err := s.span(v, view, picked, until)
	if err != nil {
		return err
	}
	found, err := s.History.Story(v.ctx(), view.person, picked.sources(), span)
	if err != nil {
		return err
	}
	actions, err := s.actionsIn(v, view, picked, found, span)
	if err != nil {
		return err
	}
	t := teller{page: view.page, span: span, topic: picked, view: view, ids: map[string]int{}}
	view.Timeline = timelineView{Days: t.tell(found, actions), Topics: topicsOf(view.UserPath, picked)}
	view.Timeline.Empty = len(view.Timeline.Days) == 0
	if more {
		view.Timeline.Older = storyPath(view.UserPath, picked, span.Since)
	}
	if !until.IsZero() {
		view.Timeline.Newest = storyPath(view.UserPath, picked, time.Time{})
	}
	return nil
}

// beforeOf reads the parameter before: microseconds since 1970. An invalid one means
// the newest page.
func beforeOf(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > lastMicro {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// lastMicro is in the year 9999, the last that both databases sort.
const lastMicro = 253_370_764_800_000_000

// storyPath returns the URL of a page of the timeline that ends before a time.
func storyPath(path string, t topic, before time.Time) string {
	values := url.Values{}
	if t != everything {
		values.Set("kind", string(t))
	}
	if !before.IsZero() {
		values.Set("before", strconv.FormatInt(before.UnixMicro(), 10))
	}
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

func topicsOf(path string, picked topic) (all []topicLink) {
	for _, t := range topics {
		all = append(all, topicLink{t, storyPath(path, t, time.Time{}), t == picked})
	}
	return all
}

// mostMarks limits the parts of one page: so many may have happened at the same
// moment.
const mostMarks = 5000

// span returns the part of the timeline that a page shows: it contains about storyRows
// requests, events, emails and actions. more reports whether there are earlier ones.
func (s *support) span(v visit, view *accountView, t topic, until time.Time) (span history.Span, more bool, err error) {
	span.Until = until
	for n := storyRows; ; n *= 4 {
		marks, err := s.History.Marks(v.ctx(), view.person, t.sources(), until, n+1)
		if err != nil {
			return span, false, err
		}
		if t == everything || t == ofStaff {
			actions, err := s.Staff.ActionsOn(v.ctx(), []string{view.UserID}, time.Time{}, until, n+1)
			if err != nil {
				return span, false, err
			}
			for _, e := range actions {
				marks = append(marks, e.At)
			}
		}
		slices.SortFunc(marks, func(a, b time.Time) int { return b.Compare(a) })
		if len(marks) <= n {
			return span, false, nil
		}
		// What happened at the moment of the cut is on the next page.
		if span.Since = marks[n].Add(time.Microsecond); span.Since.Before(marks[0]) || span.Since.Equal(marks[0]) || n > mostMarks {
			return span, true, nil
		}
	}
}

// actionsIn returns what staff did about the person and the resets in the span.
func (s *support) actionsIn(v visit, view *accountView, t topic, found history.Story, span history.Span) ([]staff.Entry, error) {
	if t != everything && t != ofStaff {
		return nil, nil
	}
	targets := []string{view.UserID}
	for _, l := range found.Resets {
		targets = append(targets, l.ID.String())
	}
	if t == ofStaff {
		for _, l := range view.newest {
			targets = append(targets, l.ID.String())
		}
	}
	return s.Staff.ActionsOn(v.ctx(), targets, span.Since, span.Until, mostMarks)
}

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
	for _, e := range actions {
		t.action(e)
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
