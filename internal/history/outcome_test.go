package history_test

import (
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// Every outcome must be possible, and a row must have the first one that applies.
func TestOutcomes(t *testing.T) {
	now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	seen := map[history.Outcome]bool{}
	for want, cases := range map[history.Outcome][]func(*reset.Reset){
		history.Used:            {func(r *reset.Reset) { r.UsedAt, r.Mail = now, reset.MailBounced }},
		history.EndedByOther:    {func(r *reset.Reset) { r.RevokedAt, r.RevokedBy = now, reset.RevokedOtherLink }},
		history.EndedByChange:   {func(r *reset.Reset) { r.RevokedAt, r.RevokedBy = now, reset.RevokedAccountChanged }},
		history.EndedByNotMe:    {func(r *reset.Reset) { r.RevokedAt, r.RevokedBy = now, reset.RevokedNotMe }},
		history.EndedByStaff:    {func(r *reset.Reset) { r.RevokedAt, r.RevokedBy = now, "staff:arno" }},
		history.EndedByProgram:  {func(r *reset.Reset) { r.RevokedAt, r.RevokedBy = now, "api:portal" }},
		history.FoundNoAccount:  {func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldNoAccount, "" }},
		history.FoundInactive:   {func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldInactive, "" }},
		history.AskedTooOften:   {func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldThrottled, "" }},
		history.FoundNoPassword: {func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldNoPassword, "" }},
		history.NeverLookedUp: {
			func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldUnmatched, "" },
			func(r *reset.Reset) { r.AccountState, r.ExpiresAt = "", now },
		},
		history.BeingLookedUp: {func(r *reset.Reset) { r.AccountState = "" }},
		history.OpenedUnused:  {func(r *reset.Reset) { r.OpenedAt, r.Mail = now, reset.MailBounced }},
		history.OpenedExpired: {func(r *reset.Reset) { r.OpenedAt, r.ExpiresAt, r.Scanned = now, now, reset.ScannedOnly }},
		history.MailBounced:   {func(r *reset.Reset) { r.Mail = reset.MailBounced }, func(r *reset.Reset) { r.Mail, r.ExpiresAt = reset.MailBounced, now }},
		history.MailRefused:   {func(r *reset.Reset) { r.Mail = reset.MailFailed }},
		history.MailWaits:     {func(r *reset.Reset) { r.Mail = reset.MailWaiting }},
		history.OpenedByScanner: {
			func(r *reset.Reset) { r.Scanned = reset.ScannedOnly }, func(r *reset.Reset) { r.Scanned, r.ExpiresAt = reset.ScannedOnly, now },
		},
		history.OpenedPerhaps:   {func(r *reset.Reset) { r.Scanned = reset.ScannedPerhaps }},
		history.NotOpened:       {func(*reset.Reset) {}, func(r *reset.Reset) { r.Mail = reset.MailUnknown }},
		history.ExpiredUnopened: {func(r *reset.Reset) { r.ExpiresAt = now }, func(r *reset.Reset) { r.ExpiresAt, r.Mail = now, reset.MailWaiting }},
	} {
		for i, change := range cases {
			r := reset.Reset{CreatedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Second), AccountState: "state", Mail: reset.MailAccepted}
			change(&r)
			if got := history.OutcomeOf(r, now); got != want {
				t.Errorf("%s, case %d: got %q", want, i, got)
			}
		}
		seen[want] = true
	}
	for _, o := range history.Outcomes {
		if !seen[o] {
			t.Errorf("no case for %q", o)
		}
	}
}

func TestScannedPrefersThePerson(t *testing.T) {
	for want, rules := range map[reset.Scanned][]string{
		reset.ScannedOnly: {"no agent", "head request"}, reset.ScannedPerhaps: {"no agent", "sooner than anybody reads", "no agent"},
	} {
		var got reset.Scanned
		for _, rule := range rules {
			got = got.And(rule)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", rules, got, want)
		}
	}
}
