package support

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// mostResets limits the resets of a person that the activity page looks for.
const mostResets = 1000

// targets returns the targets of entries about a person, a reset or a member, and true
// if the accounts could not be searched completely. Without a text it returns nil. The
// targets of a person are the account, its resets, and searches for exactly its id or
// one of its addresses.
func (s *support) targets(ctx context.Context, whom string) (all []string, stuck bool, err error) {
	if whom == "" {
		return nil, false, nil
	}
	texts := []string{whom}
	if id, err := uuid.Parse(whom); err == nil {
		texts = append(texts, id.String())
	}
	found, err := s.findPeople(ctx, whom, false)
	if err != nil {
		return nil, false, err
	}
	for _, p := range found.Found {
		texts = append(texts, p.ID, p.Email, p.Former)
		all = append(all, p.ID)
	}
	resets, err := s.resetsOf(ctx, whom, found)
	if err != nil {
		return nil, false, err
	}
	about, err := s.Staff.About(ctx, whom)
	if err != nil {
		return nil, false, err
	}
	all = slices.Concat(all, texts, resets, about)
	for _, text := range texts {
		all = append(all, searchesFor(text)...)
	}
	all = slices.DeleteFunc(all, func(t string) bool { return t == "" })
	slices.Sort(all)
	return slices.Compact(all), found.Stuck, nil
}

// searchesFor returns the searches for nothing but a text, as they are recorded.
func searchesFor(text string) (all []string) {
	if text == "" {
		return nil
	}
	for _, q := range []query{{Text: text}, {Text: text, Only: onlyResets}} {
		for _, path := range []string{"/support", "/support/resets.csv", "/support/resets.json"} {
			all = append(all, q.with(path, ""))
		}
	}
	return all
}

// resetsOf returns the ids of the newest resets of people, and of those that were
// requested for an address.
func (s *support) resetsOf(ctx context.Context, whom string, found people) (ids []string, err error) {
	var filters []history.Filter
	if a, err := reset.ParseAddress(whom); err == nil {
		filters = append(filters, history.Filter{Email: a.Normal})
	}
	for _, p := range found.Found {
		filters = append(filters, history.Filter{UserID: p.ID})
	}
	for _, f := range filters {
		page, err := s.History.Page(ctx, history.Search{Filter: f, Rows: mostResets, Count: mostResets, Time: history.MaxTime})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Resets {
			ids = append(ids, r.ID.String())
		}
	}
	return ids, nil
}
