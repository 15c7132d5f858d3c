package support

import "resetd/internal/history"

// figure is a number of the period, and of the one before.
type figure struct {
	Text   string
	Value  string
	Change string // in comparison with the period before; empty if there is none
	Share  string // of all requests
	Width  int    // of its bar, in percent
	Path   string // of its list; empty if there is none
}

// fill sets the figures.
func (view *overviewView) fill(days []history.Sums, before history.Sums) error {
	var sum history.Sums
	for _, d := range days {
		sum = sum.Add(d)
	}
	steps := []struct {
		id, status string
		of         func(history.Sums) int
	}{
		{"support_asked", "", func(s history.Sums) int { return s.Requested }},
		{"support_sent", string(history.MailSent), history.Sums.Sent},
		{"support_delivered", string(history.MailReceived), history.Sums.Delivered},
		{"support_opened", string(history.WasOpened), func(s history.Sums) int { return s.Opened }},
		{"support_used", "used", func(s history.Sums) int { return s.Used }},
	}
	for _, step := range steps {
		f, err := view.figure(step.id, step.status, step.of(sum), step.of(before))
		if err != nil {
			return err
		}
		f.Share, f.Width = percent(step.of(sum), sum.Requested), step.of(sum)*100/max(1, sum.Requested)
		view.Funnel = append(view.Funnel, f)
		if step.id != "support_sent" {
			view.Figures = append(view.Figures, f)
		}
	}
	for _, r := range reasons() {
		f, err := view.figure(r.id, r.status, r.of(sum), r.of(before))
		if err != nil {
			return err
		}
		f.Share = percent(r.of(sum), sum.Requested)
		view.Reasons = append(view.Reasons, f)
	}
	return view.times(sum, before)
}

// reason is why requests ended without a new password.
type reason struct {
	id, status string
	of         func(history.Sums) int
}

func reasons() (all []reason) {
	for _, why := range history.Reasons {
		all = append(all, reason{"reason_" + string(why), string(why), func(s history.Sums) int { return s.Withheld(why) }})
	}
	return append(all,
		reason{"status_mail_failed", string(history.MailFailed), func(s history.Sums) int { return s.MailFailed }},
		reason{"status_mail_bounced", string(history.MailReturned), func(s history.Sums) int { return s.MailBounced }},
		reason{"status_mail_unknown", string(history.MailUnknown), func(s history.Sums) int { return s.MailUnknown }},
		reason{"status_revoked", "revoked", func(s history.Sums) int { return s.Revoked }},
	)
}

func (view *overviewView) figure(id, status string, now, before int) (f figure, err error) {
	f = figure{Value: grouped(now), Path: view.Period.list(view.Period.First, view.Period.Last, "", status)}
	if f.Text, err = view.T(id); err != nil {
		return f, err
	}
	f.Change, err = view.change(now, before)
	return f, err
}

// change compares a number with that of the period before.
func (view *overviewView) change(now, before int) (string, error) {
	switch {
	case before == 0 && now == 0:
		return "", nil
	case before == 0:
		return view.T("support_none_before")
	case now == before:
		return view.T("support_as_before")
	}
	sign, change := "+", percent(max(now, before)-min(now, before), before)
	switch {
	case change == percent(0, before):
		sign = "±"
	case now < before:
		sign = "−"
	}
	return view.T("support_change", "Change", sign+change, "Before", grouped(before))
}

// times adds in which time half of the links were used, and nine in ten.
func (view *overviewView) times(sum, before history.Sums) error {
	for _, t := range []struct {
		id      string
		percent int
	}{{"support_used_half", 50}, {"support_used_most", 90}} {
		f := figure{Value: "–", Path: view.Period.list(view.Period.First, view.Period.Last, "", "used")}
		var err error
		if f.Text, err = view.T(t.id); err != nil {
			return err
		}
		if within := sum.UsedIn(t.percent); within > 0 {
			if f.Value, err = view.Duration(within); err != nil {
				return err
			}
		}
		if within := before.UsedIn(t.percent); within > 0 {
			text, err := view.Duration(within)
			if err != nil {
				return err
			}
			if f.Change, err = view.T("support_time_before", "Before", text); err != nil {
				return err
			}
		}
		view.Figures = append(view.Figures, f)
	}
	return nil
}
