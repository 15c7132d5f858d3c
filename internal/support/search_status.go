package support

import (
	"slices"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// choice is an option of the filter by status.
type choice struct {
	Value, Text string
	Picked      bool
}

// choices returns the statuses, and after "withheld" its reasons.
func choices(p page, picked string) (all []choice, err error) {
	add := func(value string) {
		text, e := statusWord(p, value)
		if e != nil {
			err = e
		}
		all = append(all, choice{value, text, value == picked})
	}
	for _, status := range history.Statuses {
		add(string(status))
	}
	for _, reason := range history.Reasons {
		add(string(reason))
	}
	if f := (history.Filter{}); f.SetStatus(picked) && f.UsedIn != 0 { // of a bar of the overview
		add(picked)
	}
	return all, err
}

// statusWord returns a status in words. A reason is returned as withheld with this
// reason.
func statusWord(p page, value string) (string, error) {
	if f := (history.Filter{}); f.SetStatus(value) && f.UsedIn != 0 {
		within, err := p.Duration(f.UsedIn)
		if err != nil || history.Shorter(f.UsedIn) == 0 {
			return p.T("support_used_first", "Within", within)
		}
		sooner, err := p.Duration(history.Shorter(f.UsedIn))
		if err != nil {
			return "", err
		}
		return p.T("support_used_in", "Within", within, "Sooner", sooner)
	}
	if !slices.Contains(history.Reasons, reset.Withheld(value)) {
		return p.T("status_" + value)
	}
	reason, err := p.T("reason_" + value)
	if err != nil {
		return "", err
	}
	return p.T("support_withheld_for", "Reason", reason)
}
