package history

import (
	"strings"
	"time"

	"resetd/internal/reset"
)

// Recently is the period of the requests that a situation counts.
const Recently = 24 * time.Hour

// Present is what the situation of a person is drawn from. A zero time or a zero value
// means that there is none.
type Present struct {
	Asked   int         // requests in the last 24 hours
	Newest  []Life      // the newest resets
	Changed reset.Event // the newest change of the account without a link
	Check   reset.Check // the newest check of a caller
	Locked  time.Time   // until when signing in is locked in part
	Again   time.Time   // when another request makes a link
}

// ChangedBy are the kinds of events that Present.Changed may have.
var ChangedBy = []reset.EventKind{reset.EventPasswordChanged, reset.EventDisabled, reset.EventEnabled}

// Situation describes how things stand for a person: how often they asked recently, what
// became of the newest link, and what else happened lately. Its parts make one sentence.
func (p Present) Situation(now time.Time) []Message {
	parts := p.asked()
	link, touched := p.link(now)
	switch at := p.Changed.At; {
	case !at.Before(touched) && !at.IsZero():
		link = []Message{p.changed()} // it ended the link, or the link is older news
	case at.After(now.Add(-Recently)) && p.Newest[0].UsedAt.IsZero():
		parts = append(parts, p.changed())
	}
	if at, by := p.usedBefore(now); at.After(p.Changed.At) {
		parts = append(parts, message("now_used_before", "At", at, "IP", by))
	}
	parts = append(parts, link...)
	if p.Check.AskedAt.After(now.Add(-Recently)) {
		parts = append(parts, p.checked())
	}
	if p.Locked.After(now) {
		parts = append(parts, message("now_locked", "At", p.Locked))
	}
	if p.Again.After(now) {
		parts = append(parts, message("now_again", "At", p.Again))
	}
	return parts
}

// asked tells how often the person asked lately, and when and from where the last time, as
// far as the newest resets tell.
func (p Present) asked() (parts []Message) {
	if len(p.Newest) == 0 {
		return []Message{message("situation_never")}
	}
	id := "situation_asked_last"
	if p.Asked > 0 {
		id, parts = "now_asked_last", append(parts, message("situation_asked", "Count", p.Asked))
	}
	for _, l := range p.Newest {
		if l.RequestedBy == reset.RequestedByUser {
			return append(parts, message(id, "At", l.CreatedAt, "IP", l.CreatedByIP.String()))
		}
	}
	if p.Asked > 0 {
		return parts
	}
	return []Message{message("situation_not_asked")}
}

// link describes the newest link, and returns when something last happened to it.
func (p Present) link(now time.Time) (parts []Message, touched time.Time) {
	if len(p.Newest) == 0 {
		return nil, touched
	}
	last := p.Newest[0]
	touched = last.CreatedAt
	if last.Withheld == reset.WithheldThrottled {
		if !p.Again.After(now) { // otherwise that part says it
			parts = append(parts, message("now_throttled"))
		}
		for _, l := range p.Newest {
			if last = l; l.Withheld != reset.WithheldThrottled {
				break
			}
		}
	}
	if last.Withheld == reset.WithheldThrottled {
		return parts, touched
	}
	if last.RequestedBy != reset.RequestedByUser && last.Withheld == "" {
		parts = append(parts, message("now_made_by", "By", Who(last.RequestedBy), "At", last.CreatedAt))
	}
	moments := []time.Time{last.OpenedAt, last.UsedAt}
	if last.RevokedBy != reset.RevokedAccountChanged { // a change may have ended it
		moments = append(moments, last.RevokedAt)
	}
	for _, at := range moments {
		if at.After(touched) {
			touched = at
		}
	}
	return append(parts, last.now(now)...), touched
}

// usedBefore returns when and from where a link before the newest was used lately: whoever
// finds that somebody has changed their password often asks for a link before they call.
func (p Present) usedBefore(now time.Time) (at time.Time, by string) {
	for i, l := range p.Newest {
		if i > 0 && l.UsedAt.After(now.Add(-Recently)) && l.UsedAt.After(at) {
			at, by = l.UsedAt, l.UsedByIP.String()
		}
	}
	return at, by
}

// changed describes the newest change of the account without a link.
func (p Present) changed() Message {
	e := p.Changed
	if e.Kind == reset.EventPasswordChanged && e.Actor == reset.ActorUser {
		return message("now_password_changed", "At", e.At, "IP", e.IP.String())
	}
	return message("now_"+string(e.Kind)+"_by", "By", Who(e.Actor), "At", e.At)
}

// checked describes the newest check of a caller.
func (p Present) checked() Message {
	switch c := p.Check; {
	case !c.PassedAt.IsZero():
		return message("now_code_right", "By", Who(c.PassedBy), "At", c.PassedAt)
	case c.Mail == reset.MailAccepted:
		return message("now_code_mailed", "By", Who(c.AskedBy), "At", c.AskedAt)
	default:
		return message("now_code_made", "By", Who(c.AskedBy), "At", c.AskedAt)
	}
}

// now describes the present state of a reset.
func (l Life) now(now time.Time) []Message {
	switch outcome := OutcomeOf(l.Reset, now); outcome {
	case Used:
		if at := l.denied(); !at.IsZero() {
			return []Message{message("now_used_denied", "At", l.UsedAt, "IP", l.UsedByIP.String(), "Denied", at)}
		}
		return []Message{l.mailNow(), message("now_used", "At", l.UsedAt, "IP", l.UsedByIP.String())}
	case EndedByOther, EndedByChange, EndedByNotMe:
		return []Message{l.mailNow(), message("now_revoked_"+l.RevokedBy, "At", l.RevokedAt)}
	case EndedByStaff, EndedByProgram:
		return []Message{l.mailNow(), message("now_revoked_by", "By", Who(l.RevokedBy), "At", l.RevokedAt)}
	case FoundNoAccount, FoundInactive, FoundNoPassword:
		return []Message{message("now_"+string(l.Withheld), "Email", l.Email)}
	case NeverLookedUp:
		return []Message{message("now_unmatched")}
	case BeingLookedUp:
		return []Message{message("now_received")}
	default:
		return []Message{l.mailNow(), l.openNow(l.Status(now) == reset.StatusExpired)}
	}
}

// mailNow describes the newest email with a link.
func (l Life) mailNow() Message {
	d, found := l.link()
	switch {
	case l.Mail == reset.MailBounced:
		return message("now_mail_bounced", "Reply", brief(l.bounce().Detail, d.Recipient))
	case found && !d.SentAt.IsZero():
		return message("now_mail_sent", "Server", d.LastServer, "At", d.SentAt)
	case l.Mail == reset.MailUnknown:
		return message("now_mail_unknown", "Server", d.LastServer)
	case found && l.Mail == reset.MailFailed && d.Recipient == "":
		return message("now_mail_no_address")
	case found && !d.FailedAt.IsZero():
		return message("now_mail_failed", "At", d.FailedAt, "Reply", brief(d.LastReply, d.Recipient))
	case found && !d.NextAttemptAt.IsZero() && d.LastReply != "":
		return message("now_mail_deferred", "Reply", brief(d.LastReply, d.Recipient), "At", d.NextAttemptAt)
	case found && !d.NextAttemptAt.IsZero():
		return message("now_mail_waiting")
	default:
		return message("now_mail_none")
	}
}

// briefly is how much of a mail server's reply a situation has; the timeline has all of it.
const briefly = 60

// brief leaves out the address that a reply begins with, because it would hide the reason.
func brief(reply, recipient string) string {
	reply = strings.Replace(reply, "<"+recipient+">: ", "", 1)
	if runes := []rune(reply); len(runes) > briefly {
		return string(runes[:briefly]) + "…"
	}
	return reply
}

// openNow describes who opened a link that nobody used.
func (l Life) openNow(expired bool) Message {
	switch {
	case !l.OpenedAt.IsZero():
		return message(expiredID("now_opened", expired), "At", l.OpenedAt)
	case l.Scanned == reset.ScannedPerhaps:
		return message(expiredID("now_opened_perhaps", expired))
	case l.Scanned == reset.ScannedOnly:
		return message(expiredID("now_opened_scanner", expired))
	default:
		return message(expiredID("now_unopened", expired))
	}
}

func expiredID(id string, expired bool) string {
	if expired {
		return id + "_expired"
	}
	return id
}
