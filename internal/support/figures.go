package support

import (
	"resetd/internal/history"
	"resetd/internal/reset"
)

// figure is a number of the period, and of the one before.
type figure struct {
	Text   string
	Value  string
	Change string // in comparison with the period before; empty if there is none
	Share  string // of all requests
	Width  int    // of its bar, in percent
	Path   string // of its list; empty if there is none
}

// counted is a number of the sums, and the status of the list of its resets.
type counted struct {
	id, status string
	of         func(history.Sums) int
}

// fill sets the figures.
func (view *overviewView) fill(sum, before history.Sums) (err error) {
	for _, step := range []counted{
		{"support_asked", "", func(s history.Sums) int { return s.Requested }},
		{"support_sent", string(history.MailSent), history.Sums.Sent},
		{"support_delivered", string(history.MailReceived), history.Sums.Delivered},
		{"support_opened", string(history.WasOpened), func(s history.Sums) int { return s.Opened }},
		{"support_used", "used", func(s history.Sums) int { return s.Used }},
	} {
		f, err := view.figure(step, sum, before)
		if err != nil {
			return err
		}
		view.Funnel = append(view.Funnel, f)
		if step.id != "support_sent" {
			view.Figures = append(view.Figures, f)
		}
	}
	if view.Failed, err = view.figure(counted{"support_failed", string(history.Failed), history.Sums.Failed}, sum, before); err != nil {
		return err
	}
	view.Figures = append(view.Figures, view.Failed)
	if view.Open, err = view.figure(counted{"status_open", string(history.StillOpen), func(s history.Sums) int { return s.Open }}, sum, before); err != nil {
		return err
	}
	if view.Reasons, err = view.all(reasons(), sum, before); err != nil {
		return err
	}
	if view.Others, err = view.all(others, sum, before); err != nil {
		return err
	}
	return view.times(sum, before)
}

// reasons are why requests failed; each failed request has one.
func reasons() (all []counted) {
	for _, why := range history.Reasons {
		all = append(all, counted{"reason_" + string(why), string(why), func(s history.Sums) int { return s.Withheld(why) }})
	}
	return append(all,
		counted{"support_ended", string(reset.StatusRevoked), func(s history.Sums) int { return s.Revoked }},
		counted{"support_expired", string(reset.StatusExpired), history.Sums.Expired},
	)
}

// others is what else is known about the links.
var others = []counted{
	{"status_opened_only", string(history.OpenedOnly), func(s history.Sums) int { return max(0, s.Opened-s.Used) }},
	{"status_mail_failed", string(history.MailFailed), func(s history.Sums) int { return s.MailFailed }},
	{"status_mail_bounced", string(history.MailReturned), func(s history.Sums) int { return s.MailBounced }},
	{"status_mail_unknown", string(history.MailUnknown), func(s history.Sums) int { return s.MailUnknown }},
}

func (view *overviewView) all(numbers []counted, sum, before history.Sums) (all []figure, err error) {
	for _, n := range numbers {
		f, err := view.figure(n, sum, before)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

func (view *overviewView) figure(n counted, sum, before history.Sums) (f figure, err error) {
	now := n.of(sum)
	f = figure{Value: grouped(now), Path: view.Period.list(view.Period.First, view.Period.Last, "", n.status), Width: now * 100 / max(1, sum.Requested)}
	if f.Text, err = view.T(n.id); err != nil {
		return f, err
	}
	if f.Share, err = view.share(now, sum.Requested); err != nil {
		return f, err
	}
	f.Change, err = view.change(now, n.of(before))
	return f, err
}

// share returns a part in percent. It is 0 % or 100 % only if it is nothing or all.
func (view *overviewView) share(part, whole int) (string, error) {
	switch text := percent(part, whole); {
	case part > 0 && text == percent(0, whole):
		return view.T("support_under_one")
	case part < whole && text == percent(whole, whole):
		return view.T("support_over_99")
	default:
		return text, nil
	}
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
