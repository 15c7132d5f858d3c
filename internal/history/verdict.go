package history

import (
	"slices"
	"time"

	"resetd/internal/reset"
)

// Message is a sentence of a verdict: an id of the catalogue of words, and names
// and values for it. A value may be a time, which each reader sees in his own
// zone, a duration, Who or Rules.
type Message struct {
	ID    string
	Pairs []any
}

func message(id string, pairs ...any) Message { return Message{id, pairs} }

// Who is who asked for a reset or ended it, as its row has it.
type Who string

// Rules are what opens look like a mail scanner's by, as their events have it.
type Rules []string

// Verdict says in plain words what became of a reset: its mail, who opened the
// link, how it ended. What looks like a mail scanner is said to look like one.
func (l Life) Verdict(now time.Time) []Message {
	if l.Withheld != "" {
		return []Message{message("verdict_withheld_" + string(l.Withheld))}
	}
	if l.Status(now) == reset.StatusReceived {
		return []Message{message("verdict_received")}
	}
	said := append(l.mail(), l.opens()...)
	if refused := l.count(reset.EventRefused, ""); refused > 0 {
		said = append(said, message("verdict_refused", "Count", refused))
	}
	return append(said, l.ending(now))
}

// mail is about the delivery of the link; notices have a kind of their own.
func (l Life) mail() []Message {
	d, ok := l.link()
	switch {
	case !ok:
		return nil
	case !d.SentAt.IsZero():
		return []Message{message("verdict_mail_sent", "Server", l.server(), "At", d.SentAt)}
	case !d.FailedAt.IsZero():
		return []Message{message("verdict_mail_failed", "At", d.FailedAt, "Reply", d.LastReply)}
	case d.NextAttemptAt.IsZero() && l.deferred() > 0:
		return []Message{message("verdict_mail_ended", "Count", l.deferred(), "Reply", d.LastReply)}
	case d.NextAttemptAt.IsZero():
		return []Message{message("verdict_mail_none")}
	case l.deferred() > 0:
		return []Message{message("verdict_mail_deferred", "Count", l.deferred(), "At", d.NextAttemptAt, "Reply", d.LastReply)}
	default:
		return []Message{message("verdict_mail_waiting")}
	}
}

// link is the delivery of the link.
func (l Life) link() (reset.Delivery, bool) {
	for _, d := range l.Deliveries {
		if d.Kind == reset.KindResetLink {
			return d, true
		}
	}
	return reset.Delivery{}, false
}

// server is the mail server that took the link: the first that took a mail.
func (l Life) server() string {
	for _, e := range l.Events {
		if e.Kind == reset.EventSent {
			return e.Agent
		}
	}
	return ""
}

// IsNotice tells whether an attempt to send was one of the notice that a use
// makes due: the link's mail has no use any more by then.
func (l Life) IsNotice(e reset.Event) bool {
	return e.Actor == reset.ActorWorker && !l.UsedAt.IsZero() && !e.At.Before(l.UsedAt)
}

// deferred is how often the mail with the link was put off.
func (l Life) deferred() (n int) {
	for _, e := range l.Events {
		if e.Kind == reset.EventDeferred && !l.IsNotice(e) {
			n++
		}
	}
	return n
}

func (l Life) count(kind reset.EventKind, actor string) (n int) {
	for _, e := range l.Events {
		if e.Kind == kind && (actor == "" || e.Actor == actor) {
			n++
		}
	}
	return n
}

// rules are those that took opens for a scanner's, each once.
func (l Life) rules() (all Rules) {
	for _, e := range l.Events {
		if e.Kind == reset.EventOpened && e.Actor == reset.ActorScanner && !slices.Contains(all, e.Detail) {
			all = append(all, e.Detail)
		}
	}
	return all
}

func (l Life) opens() []Message {
	people := l.count(reset.EventOpened, reset.ActorUser)
	scanners := l.count(reset.EventOpened, reset.ActorScanner)
	switch {
	case people > 0 && scanners > 0:
		return []Message{message("verdict_opened", "Count", people), message("verdict_opened_scanner_too", "Count", scanners, "Rules", l.rules())}
	case people > 0:
		return []Message{message("verdict_opened", "Count", people)}
	case scanners > 0:
		return []Message{message("verdict_opened_scanner", "Count", scanners, "Rules", l.rules())}
	default:
		return []Message{message("verdict_not_opened")}
	}
}

func (l Life) ending(now time.Time) Message {
	switch l.Status(now) {
	case reset.StatusUsed:
		return message("verdict_used", "At", l.UsedAt, "IP", l.UsedByIP.String())
	case reset.StatusRevoked:
		return l.revoked()
	case reset.StatusExpired:
		return message("verdict_expired", "At", l.ExpiresAt)
	default:
		return message("verdict_alive", "In", l.ExpiresAt.Sub(now))
	}
}

func (l Life) revoked() Message {
	switch l.RevokedBy {
	case reset.RevokedOtherLink, reset.RevokedAccountChanged, reset.RevokedNotMe:
		return message("verdict_revoked_"+l.RevokedBy, "At", l.RevokedAt)
	default:
		return message("verdict_revoked_by", "At", l.RevokedAt, "By", Who(l.RevokedBy))
	}
}
