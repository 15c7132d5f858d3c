package support

import (
	"slices"
	"strconv"
	"time"

	"resetd/internal/history"
	"resetd/internal/staff"
)

// storyRows is how many requests, events, emails and actions a page of a timeline
// has. What happened to the requests comes in addition.
const storyRows = 25

// timelineView is one page of a person's timeline, newest first.
type timelineView struct {
	Days   []storyDay
	Topics []topicLink
	Older  string // URL of the page before; empty if there is none
	Newest string // URL of the first page; empty on it
	Empty  bool
	Staff  bool // it has actions of staff
}

// storyDay is a day in the reader's zone.
type storyDay struct {
	Name    string
	Entries []entry
}

// story sets one page of the timeline.
func (s *support) story(v visit, view *accountView) error {
	picked := oneOf(topic(v.Query("kind")), topics...)
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
	view.Timeline.Staff = slices.ContainsFunc(actions, func(e staff.Entry) bool { return span.Contains(e.At) })
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
	end := ""
	if !before.IsZero() {
		end = strconv.FormatInt(before.UnixMicro(), 10)
	}
	return pathWith(path, map[string]string{"kind": string(t), "before": end})
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

// actionsIn returns what staff did about the person and the resets in the span, and in the
// time after it in which they may have used a code, see afterCode.
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
	if !span.Until.IsZero() {
		span.Until = span.Until.Add(codeTime)
	}
	return s.Staff.ActionsOn(v.ctx(), targets, span.Since, span.Until, mostMarks)
}
