package reset

import (
	"context"
	"errors"
)

// Outcome is what just became of a reset, to be counted. There are few outcomes, and none
// reveals anything about a person.
type Outcome string

// The outcomes. There are also "withheld_" and "refused_", each followed by the reason.
const (
	OutcomeRequested Outcome = "requested"
	OutcomeMatched   Outcome = "matched"
	OutcomeEnded     Outcome = "ended_by_other_link" // used between the request and its match
	OutcomeOpened    Outcome = "opened"
	OutcomeScanned   Outcome = "opened_by_scanner"
	OutcomeUsed      Outcome = "used"
	OutcomeFailed    Outcome = "failed" // a form that was not refused, and set no password
)

func (s *Service) countMatched(done []decision) {
	for i := range done {
		for _, m := range done[i].all() {
			s.count(m.Reset.outcome())
		}
	}
}

func (r Reset) outcome() Outcome {
	switch {
	case r.Withheld != "":
		return Outcome("withheld_" + r.Withheld)
	case !r.RevokedAt.IsZero():
		return OutcomeEnded
	default:
		return OutcomeMatched
	}
}

func (s *Service) countOpened(actor string) {
	if actor == ActorScanner {
		s.count(OutcomeScanned)
		return
	}
	s.count(OutcomeOpened)
}

// countUse counts what became of a form with a new password. A visitor who went away is
// no failure.
func (s *Service) countUse(err error) {
	switch {
	case err == nil:
		s.count(OutcomeUsed)
	case refusalKind(err) == "" && !errors.Is(err, context.Canceled) && !errors.Is(err, ErrGone):
		s.count(OutcomeFailed)
	}
}

// refusalKind is refusal without the rules that a password broke.
func refusalKind(err error) string {
	if _, ok := errors.AsType[*RefusedPassword](err); ok {
		return "password"
	}
	return refusal(err)
}
