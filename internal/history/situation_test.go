package history

import (
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
)

// ids returns what a situation says, without the parameters.
func ids(parts []Message) string {
	var all []string
	for _, part := range parts {
		all = append(all, part.ID)
	}
	return strings.Join(all, " ")
}

// Whoever asks why a link does not work must read that it has expired.
func TestSituationSaysThatALinkExpired(t *testing.T) {
	for want, edit := range map[string]func(*Life){
		"now_unopened_expired":       func(l *Life) { l.Mail = reset.MailBounced },
		"now_opened_expired":         func(l *Life) { l.OpenedAt, l.OpenedByIP = l.CreatedAt, asker },
		"now_opened_scanner_expired": func(l *Life) { l.Scanned = reset.ScannedOnly },
		"now_opened_perhaps_expired": func(l *Life) { l.Scanned = reset.ScannedPerhaps },
	} {
		parts := Present{Asked: 1, Newest: []Life{life(edit, func(l *Life) { l.ExpiresAt = now })}}.Situation(now)
		if got := parts[len(parts)-1].ID; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The sentence has the newest thing that matters, also if it is about no link, and what
// became of the email of a link that is over.
func TestSituationSaysWhatHappenedLast(t *testing.T) {
	byUser := func(l *Life) { l.RequestedBy = reset.RequestedByUser }
	ended := func(at time.Time, by string) func(*Life) {
		return func(l *Life) { l.RevokedAt, l.RevokedBy = at, by }
	}
	changed := func(kind reset.EventKind, actor string, ago time.Duration) reset.Event {
		return reset.Event{At: now.Add(-ago), Kind: kind, Actor: actor}
	}
	set := changed(reset.EventPasswordChanged, reset.ActorOperator, time.Minute)
	throttled := life(byUser, func(l *Life) { l.Withheld = reset.WithheldThrottled })
	hour := now.Add(time.Hour)
	for name, c := range map[string]struct {
		present Present
		want    string
	}{
		"nothing":           {Present{}, "situation_never"},
		"a code":            {Present{Check: reset.Check{AskedAt: now, Mail: reset.MailAccepted}}, "situation_never now_code_mailed"},
		"a code on its way": {Present{Check: reset.Check{AskedAt: now, Mail: reset.MailWaiting}}, "situation_never now_code_made"},
		"the right code":    {Present{Check: reset.Check{AskedAt: now, PassedAt: now, Mail: reset.MailAccepted}}, "situation_never now_code_right"},
		"an old code":       {Present{Check: reset.Check{AskedAt: now.Add(-Recently), Mail: reset.MailAccepted}}, "situation_never"},
		"a new password":    {Present{Changed: set}, "situation_never now_password_changed_by"},
		"their own change":  {Present{Changed: changed(reset.EventPasswordChanged, reset.ActorUser, 0)}, "situation_never now_password_changed"},
		"disabled":          {Present{Changed: changed(reset.EventDisabled, "staff:tom", 0)}, "situation_never now_disabled_by"},
		"a lock":            {Present{Locked: hour}, "situation_never now_locked"},
		"used":              {Present{Asked: 1, Newest: []Life{life(byUser, func(l *Life) { l.UsedAt, l.UsedByIP = now, asker })}}, "situation_asked now_asked_last now_mail_sent now_used"},
		"ended":             {Present{Asked: 1, Newest: []Life{life(byUser, ended(now, reset.RevokedOtherLink))}}, "situation_asked now_asked_last now_mail_sent now_revoked_other_link"},
		"ended by a change": {
			Present{Asked: 1, Newest: []Life{life(byUser, ended(now, reset.RevokedAccountChanged))}, Changed: set}, "situation_asked now_asked_last now_password_changed_by",
		},
		"a link after a change": {
			Present{Asked: 1, Newest: []Life{life(byUser)}, Changed: changed(reset.EventPasswordChanged, reset.ActorOperator, time.Hour)},
			"situation_asked now_asked_last now_password_changed_by now_mail_sent now_unopened",
		},
		"a use after a change": {
			Present{Asked: 1, Newest: []Life{life(byUser, func(l *Life) { l.UsedAt, l.UsedByIP = now, asker })}, Changed: changed(reset.EventDisabled, "staff:tom", time.Hour)},
			"situation_asked now_asked_last now_mail_sent now_used",
		},
		"a link long after a change": {
			Present{Asked: 1, Newest: []Life{life(byUser)}, Changed: changed(reset.EventPasswordChanged, reset.ActorOperator, Recently)},
			"situation_asked now_asked_last now_mail_sent now_unopened",
		},
		"a link after a use": {
			Present{Asked: 2, Newest: []Life{life(byUser), life(byUser, func(l *Life) { l.UsedAt, l.UsedByIP = now, asker })}},
			"situation_asked now_asked_last now_used_before now_mail_sent now_unopened",
		},
		"a link long after a use": {
			Present{Asked: 1, Newest: []Life{life(byUser), life(byUser, func(l *Life) { l.UsedAt, l.UsedByIP = now.Add(-Recently), asker })}},
			"situation_asked now_asked_last now_mail_sent now_unopened",
		},
		"too often":          {Present{Asked: 2, Newest: []Life{throttled, life(byUser)}, Again: hour}, "situation_asked now_asked_last now_mail_sent now_unopened now_again"},
		"too often, but now": {Present{Asked: 2, Newest: []Life{throttled, life(byUser)}}, "situation_asked now_asked_last now_throttled now_mail_sent now_unopened"},
	} {
		if got := ids(c.present.Situation(now)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// The reason follows the address in many replies.
func TestSituationHasTheReasonOfARefusal(t *testing.T) {
	l := life(unsent(func(d *reset.Delivery) {
		d.LastReply = "451 4.7.1 <" + d.Recipient + ">: Recipient address rejected: Greylisted"
	}))
	if got := l.mailNow().Pairs[1]; got != "451 4.7.1 Recipient address rejected: Greylisted" {
		t.Errorf("got %s", got)
	}
}

// A long reply of a mail server is in the timeline, and would hide the rest of the sentence.
func TestSituationHasTheBeginningOfALongReply(t *testing.T) {
	l := life(unsent(func(d *reset.Delivery) { d.LastReply = strings.Repeat("ö", 100) }))
	if got := l.mailNow().Pairs[1]; got != strings.Repeat("ö", 60)+"…" {
		t.Errorf("got %s", got)
	}
}
