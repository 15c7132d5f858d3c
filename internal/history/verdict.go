package history

import (
	"slices"
	"time"

	"resetd/internal/reset"
)

// Message is a sentence of a verdict: an id of the catalogue, with the names and
// values of its parameters. A value may be a time, which the browser shows in the
// reader's time zone, a duration, a Who or Rules.
type Message struct {
	ID    string
	Pairs []any
}

func message(id string, pairs ...any) Message { return Message{id, pairs} }

// Who is who requested or ended a reset, as stored in its row.
type Who string

// Rules are the scanner rules that opens matched, as stored in their events.
type Rules []string

// Verdict describes a reset in plain words: its email, who opened the link, and how
// it ended.
func (l Life) Verdict(now time.Time) []Message {
	if l.Withheld != "" {
		return l.withheld()
	}
	if l.Status(now) == reset.StatusReceived {
		return []Message{l.received()}
	}
	messages := append(l.mail(), l.opens(now)...)
	if refused := l.count(reset.EventRefused, ""); refused > 0 {
		messages = append(messages, counted("verdict_refused", refused))
	}
	return append(messages, l.ending(now))
}

// withheld describes why there is no link, and the email that explains it, if there
// is one.
func (l Life) withheld() []Message {
	for _, d := range l.Deliveries {
		if d.Kind == reset.KindNoLink {
			return []Message{message("verdict_explained_" + string(l.Withheld)), l.explained(d)}
		}
	}
	return []Message{message("verdict_withheld_" + string(l.Withheld))}
}

// explained describes the delivery of an email that explains why there is no link.
func (l Life) explained(d reset.Delivery) Message {
	switch {
	case !d.SentAt.IsZero():
		return message("verdict_mail_sent", "Server", l.server(), "At", d.SentAt)
	case !d.FailedAt.IsZero():
		return message("verdict_mail_failed", "At", d.FailedAt, "Reply", d.LastReply)
	case !d.NextAttemptAt.IsZero():
		return message("verdict_mail_waiting")
	case l.count(reset.EventUnanswered, "") > 0:
		return message("verdict_explained_unknown", "Reply", d.LastReply)
	default:
		return message("verdict_explained_none")
	}
}

// counted returns a message about a number of events. Of many, not all have a row: the
// message then states that there were at least so many.
func counted(id string, n int, pairs ...any) Message {
	if reset.Numbered("", n) != "" {
		id += "_many"
	}
	return message(id, append([]any{"Count", n}, pairs...)...)
}

// count returns the number of events. Not each of many equal events has a row, so the
// number in a row counts if it is higher.
func (l Life) count(kind reset.EventKind, actor string) (n int) {
	highest := 0
	for _, e := range l.Events {
		if e.Kind == kind && (actor == "" || e.Actor == actor) {
			_, number := reset.Number(e.Detail)
			n, highest = n+1, max(highest, number)
		}
	}
	return max(n, highest)
}

// rules returns the scanner rules that opens matched, each once.
func (l Life) rules() (all Rules) {
	for _, e := range l.Events {
		rule, _ := reset.Number(e.Detail)
		if e.Kind == reset.EventOpened && e.Actor == reset.ActorScanner && !slices.Contains(all, rule) {
			all = append(all, rule)
		}
	}
	return all
}

// opens describes who opened the link. It does not state that a link was never
// opened while the link still works.
func (l Life) opens(now time.Time) []Message {
	people := l.count(reset.EventOpened, reset.ActorUser)
	scanners := l.count(reset.EventOpened, reset.ActorScanner)
	switch {
	case people > 0 && scanners > 0:
		return []Message{counted("verdict_opened", people), counted("verdict_opened_scanner_too", scanners, "Rules", l.rules())}
	case people > 0:
		return []Message{counted("verdict_opened", people)}
	case scanners > 0 && slices.ContainsFunc(l.rules(), func(rule string) bool { return !reset.ExcludesPerson(rule) }):
		return []Message{counted("verdict_opened_perhaps", scanners, "Rules", l.rules())}
	case scanners > 0:
		return []Message{counted("verdict_opened_scanner", scanners, "Rules", l.rules())}
	case l.Status(now) == reset.StatusPending:
		return []Message{message("verdict_not_opened_yet")}
	default:
		return []Message{message("verdict_not_opened")}
	}
}

func (l Life) ending(now time.Time) Message {
	switch l.Status(now) {
	case reset.StatusUsed:
		if at := l.denied(); !at.IsZero() {
			return message("verdict_used_denied", "At", l.UsedAt, "IP", l.UsedByIP.String(), "Denied", at)
		}
		return message("verdict_used", "At", l.UsedAt, "IP", l.UsedByIP.String())
	case reset.StatusRevoked:
		return l.revoked()
	case reset.StatusExpired:
		return message("verdict_expired", "At", l.ExpiresAt)
	default:
		return message("verdict_alive", "In", l.ExpiresAt.Sub(now))
	}
}

// denied returns when somebody said "this wasn't me" in the notice of a used link; zero
// if nobody did.
func (l Life) denied() (at time.Time) {
	for _, e := range l.Events {
		if e.Kind == reset.EventNotMe && !e.At.Before(l.UsedAt) {
			at = e.At
		}
	}
	return at
}

func (l Life) revoked() Message {
	if slices.ContainsFunc(l.Events, isUnknown) {
		return message("verdict_outcome_unknown", "At", l.RevokedAt)
	}
	switch l.RevokedBy {
	case reset.RevokedOtherLink, reset.RevokedAccountChanged, reset.RevokedNotMe:
		return message("verdict_revoked_"+l.RevokedBy, "At", l.RevokedAt)
	default:
		return message("verdict_revoked_by", "At", l.RevokedAt, "By", Who(l.RevokedBy))
	}
}
