package history

import (
	"strings"
	"time"

	"resetd/internal/reset"
)

// Outcome is what became of a reset, in words that exports contain.
type Outcome string

// The outcomes. An outcome is the first thing that a person who asks about a reset
// wants to know. The state of its email is shown beside it.
const (
	Used            Outcome = "used"
	EndedByOther    Outcome = "another link was used"
	EndedByChange   Outcome = "account changed"
	EndedByNotMe    Outcome = "this was not me"
	EndedByStaff    Outcome = "ended by staff"
	EndedByProgram  Outcome = "ended by a program"
	FoundNoAccount  Outcome = "no account"
	FoundInactive   Outcome = "account inactive"
	AskedTooOften   Outcome = "asked too often"
	FoundNoPassword Outcome = "no password"
	NeverLookedUp   Outcome = "never looked up"
	BeingLookedUp   Outcome = "being looked up"
	OpenedUnused    Outcome = "opened, not used yet"
	OpenedExpired   Outcome = "opened, expired unused"
	MailBounced     Outcome = "mail bounced"
	MailRefused     Outcome = "mail refused"
	MailWaits       Outcome = "mail waiting"
	OpenedByScanner Outcome = "opened by a scanner only"
	OpenedPerhaps   Outcome = "opened, perhaps by a scanner"
	NotOpened       Outcome = "not opened yet"
	ExpiredUnopened Outcome = "expired unopened"
)

// Outcomes lists all outcomes.
var Outcomes = []Outcome{
	Used, EndedByOther, EndedByChange, EndedByNotMe, EndedByStaff, EndedByProgram, FoundNoAccount, FoundInactive, AskedTooOften, FoundNoPassword,
	NeverLookedUp, BeingLookedUp, OpenedUnused, OpenedExpired, MailBounced, MailRefused, MailWaits, OpenedByScanner, OpenedPerhaps, NotOpened, ExpiredUnopened,
}

var withheldOutcomes = map[reset.Withheld]Outcome{
	reset.WithheldNoAccount: FoundNoAccount, reset.WithheldInactive: FoundInactive, reset.WithheldThrottled: AskedTooOften,
	reset.WithheldNoPassword: FoundNoPassword, reset.WithheldUnmatched: NeverLookedUp,
}

// OutcomeOf returns the outcome of a reset at now. Opens of scanners count only if
// Reset.Scanned is set, as searches do.
func OutcomeOf(r reset.Reset, now time.Time) Outcome {
	switch status := r.Status(now); {
	case status == reset.StatusUsed:
		return Used
	case status == reset.StatusRevoked:
		return endedBy(r.RevokedBy)
	case status == reset.StatusWithheld:
		return withheldOutcomes[r.Withheld]
	case status == reset.StatusReceived:
		return BeingLookedUp
	case r.AccountState == "" && !r.ExpiresAt.After(now):
		return NeverLookedUp
	case !r.OpenedAt.IsZero():
		return either(status == reset.StatusExpired, OpenedExpired, OpenedUnused)
	default:
		return unopened(r, status == reset.StatusExpired)
	}
}

// unopened returns the outcome of a link that no person is known to have opened.
func unopened(r reset.Reset, expired bool) Outcome {
	switch {
	case r.Scanned == reset.ScannedPerhaps:
		return OpenedPerhaps
	case r.Scanned == reset.ScannedOnly:
		return OpenedByScanner
	case r.Mail == reset.MailBounced:
		return MailBounced
	case r.Mail == reset.MailFailed:
		return MailRefused
	case r.Mail == reset.MailWaiting && !expired:
		return MailWaits
	default:
		return either(expired, ExpiredUnopened, NotOpened)
	}
}

func endedBy(by string) Outcome {
	switch {
	case by == reset.RevokedOtherLink:
		return EndedByOther
	case by == reset.RevokedAccountChanged:
		return EndedByChange
	case by == reset.RevokedNotMe:
		return EndedByNotMe
	case strings.HasPrefix(by, "api:"):
		return EndedByProgram
	default:
		return EndedByStaff
	}
}

func either(condition bool, then, otherwise Outcome) Outcome {
	if condition {
		return then
	}
	return otherwise
}
