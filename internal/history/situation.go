package history

import (
	"time"

	"resetd/internal/reset"
)

// Recently is the period of the requests that a situation counts.
const Recently = 24 * time.Hour

// Situation describes how things stand for a person: how often they asked recently, and
// what became of the newest link. Its parts make one sentence. recent is the number of
// requests in the last 24 hours, newest the newest resets, again when another request
// makes a link; zero: at once.
func Situation(recent int, newest []Life, again, now time.Time) []Message {
	parts := situation(recent, newest, now)
	if again.After(now) {
		parts = append(parts, message("now_again", "At", again))
	}
	return parts
}

func situation(recent int, newest []Life, now time.Time) []Message {
	if len(newest) == 0 {
		return []Message{message("situation_never")}
	}
	parts := []Message{message("situation_asked", "Count", recent)}
	if recent == 0 {
		parts = []Message{lastAsked(newest)}
	}
	last := newest[0]
	if last.Withheld == reset.WithheldThrottled {
		parts = append(parts, message("now_throttled"))
		for _, l := range newest {
			if last = l; l.Withheld != reset.WithheldThrottled {
				break
			}
		}
	}
	if last.Withheld == reset.WithheldThrottled {
		return parts
	}
	if last.RequestedBy != reset.RequestedByUser && last.Withheld == "" {
		parts = append(parts, message("now_made_by", "By", Who(last.RequestedBy), "At", last.CreatedAt))
	}
	return append(parts, last.now(now)...)
}

// lastAsked tells when the person asked, as far as the newest resets tell.
func lastAsked(newest []Life) Message {
	for _, l := range newest {
		if l.RequestedBy == reset.RequestedByUser {
			return message("situation_asked_last", "At", l.CreatedAt)
		}
	}
	return message("situation_not_asked")
}

// now describes the present state of a reset.
func (l Life) now(now time.Time) []Message {
	switch outcome := OutcomeOf(l.Reset, now); outcome {
	case Used:
		if at := l.denied(); !at.IsZero() {
			return []Message{message("now_used_denied", "At", l.UsedAt, "IP", l.UsedByIP.String(), "Denied", at)}
		}
		return []Message{message("now_used", "At", l.UsedAt, "IP", l.UsedByIP.String())}
	case EndedByOther, EndedByChange, EndedByNotMe:
		return []Message{message("now_revoked_"+l.RevokedBy, "At", l.RevokedAt)}
	case EndedByStaff, EndedByProgram:
		return []Message{message("now_revoked_by", "By", Who(l.RevokedBy), "At", l.RevokedAt)}
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
		return message("now_mail_bounced", "Reply", l.bounce().Detail)
	case found && !d.SentAt.IsZero():
		return message("now_mail_sent", "Server", d.LastServer, "At", d.SentAt)
	case l.Mail == reset.MailUnknown:
		return message("now_mail_unknown", "Server", d.LastServer)
	case found && l.Mail == reset.MailFailed && d.Recipient == "":
		return message("now_mail_no_address")
	case found && !d.FailedAt.IsZero():
		return message("now_mail_failed", "At", d.FailedAt, "Reply", d.LastReply)
	case found && !d.NextAttemptAt.IsZero() && d.LastReply != "":
		return message("now_mail_deferred", "Reply", d.LastReply, "At", d.NextAttemptAt)
	case found && !d.NextAttemptAt.IsZero():
		return message("now_mail_waiting")
	default:
		return message("now_mail_none")
	}
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
