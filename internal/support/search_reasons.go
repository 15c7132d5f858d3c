package support

import (
	"context"

	"resetd/internal/history"
	"resetd/internal/staff"
)

// mostByReason is how many actions a search shows.
const mostByReason = 20

// actionsByReason sets what staff did for people on the days of a search, by default the last
// ones, with its text in the reason, such as the number of a ticket. No index has the reasons, so it gives
// up in time.
func (s *support) actionsByReason(v visit, view *searchView, days history.Filter) error {
	ctx, cancel := context.WithTimeout(v.ctx(), history.ListTime)
	defer cancel()
	q := staff.Search{Reason: view.Query.Text, Since: days.Since, Until: days.Until, Rows: mostByReason}
	if q.Since.IsZero() {
		q.Since = v.now.AddDate(0, 0, -history.Days)
	}
	q.SetAction(staff.Helps)
	entries, err := s.Staff.Audit(ctx, q)
	if err != nil && ctx.Err() != nil && v.ctx().Err() == nil {
		return nil
	}
	for _, e := range entries {
		l, err := line(view.page, e)
		if err != nil {
			return err
		}
		if a, err := s.Accounts.Account(v.ctx(), e.Target); err == nil {
			l.About = a.Email
		}
		view.Actions = append(view.Actions, l)
	}
	if len(entries) > 0 && view.May(staff.ViewedAudit) {
		view.Activity = activityQuery{Why: view.Query.Text, What: staff.Helps}.with(activityPath, "")
	}
	return err
}
