package history

import (
	"slices"

	"resetd/internal/reset"
)

// received describes a request whose account was not looked up yet, and why.
func (l Life) received() Message {
	if d, ok := l.link(); ok && d.LastReply != "" {
		return message("verdict_received_failed", "Count", l.deferred(), "At", d.NextAttemptAt, "Reply", d.LastReply)
	}
	return message("verdict_received")
}

// mail describes the delivery of the link, without later notices.
func (l Life) mail() []Message {
	d, ok := l.link()
	switch {
	case !ok:
		return nil
	case l.Mail == reset.MailBounced:
		return []Message{message("verdict_mail_bounced", "At", l.bounce().At, "Reply", l.bounce().Detail)}
	case !d.SentAt.IsZero():
		return []Message{message("verdict_mail_sent", "Server", l.server(), "At", d.SentAt)}
	case l.Mail == reset.MailUnknown:
		return []Message{message("verdict_mail_unknown", "Server", d.LastServer, "Reply", d.LastReply)}
	case l.Mail == reset.MailFailed && d.Recipient == "":
		return []Message{message("verdict_mail_no_address")}
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

// bounce returns the event of the email with the link that came back.
func (l Life) bounce() (bounced reset.Event) {
	for _, e := range l.Events {
		if e.Kind == reset.EventBounced {
			bounced = e
		}
	}
	return bounced
}

// link returns the delivery of the link.
func (l Life) link() (reset.Delivery, bool) {
	for _, d := range l.Deliveries {
		if d.Kind.HasLink() {
			return d, true
		}
	}
	return reset.Delivery{}, false
}

// server returns the mail server that accepted the link, which is the first that
// accepted an email of this reset.
func (l Life) server() string {
	for _, e := range l.Events {
		if e.Kind == reset.EventSent {
			return e.Agent
		}
	}
	return ""
}

// IsNotice reports whether an attempt belongs to the notice of a new password. After
// the use the email with the link is not sent any more.
func (l Life) IsNotice(e reset.Event) bool {
	from := l.UsedAt
	if i := slices.IndexFunc(l.Events, isUnknown); i >= 0 {
		from = l.Events[i].At
	}
	if e.Kind == reset.EventBounced || e.Kind == reset.EventNoticeBounced {
		return false // the kind tells which email came back
	}
	return e.Actor == reset.ActorWorker && !from.IsZero() && !e.At.Before(from)
}

// isUnknown reports whether an event tells that the outcome of a use is not known.
func isUnknown(e reset.Event) bool { return e.Kind == reset.EventOutcomeUnknown }

// deferred returns how often the email with the link was deferred.
func (l Life) deferred() (n int) {
	for _, e := range l.Events {
		if e.Kind == reset.EventDeferred && !l.IsNotice(e) {
			n++
		}
	}
	return n
}
