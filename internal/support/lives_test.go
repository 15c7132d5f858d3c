package support

import (
	"net/netip"
	"slices"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// lives returns resets that together cover every possible course.
func lives(now time.Time) (all []history.Life) {
	sent := reset.Delivery{Kind: reset.KindResetLink, SentAt: now}
	add := func(edit func(*history.Life), mails ...reset.Delivery) {
		l := history.Life{Reset: reset.Reset{CreatedAt: now, ExpiresAt: now.Add(time.Hour), RequestedBy: reset.RequestedByUser, AccountState: "state"}, Deliveries: mails}
		edit(&l)
		all = append(all, l)
	}
	for _, why := range history.Reasons {
		add(func(l *history.Life) { l.Withheld, l.AccountState = why, "" })
	}
	for _, d := range []reset.Delivery{{SentAt: now}, {FailedAt: now}, {NextAttemptAt: now}, {}} {
		for _, why := range []reset.Withheld{reset.WithheldInactive, reset.WithheldNoPassword} {
			d.Kind = reset.KindNoLink
			add(func(l *history.Life) { l.Withheld, l.AccountState = why, "" }, d)
		}
	}
	add(func(l *history.Life) {
		happens(now, reset.EventUnanswered)(l)
		l.Withheld, l.AccountState = reset.WithheldInactive, ""
	}, reset.Delivery{Kind: reset.KindNoLink})
	for _, by := range []string{reset.RevokedOtherLink, reset.RevokedAccountChanged, reset.RevokedNotMe, "staff:example"} {
		add(func(l *history.Life) { l.RevokedAt, l.RevokedBy = now, by }, sent)
	}
	add(func(l *history.Life) {
		happens(now, reset.EventOutcomeUnknown)(l)
		l.RevokedAt, l.RevokedBy = now, reset.RevokedAccountChanged
	}, sent)
	add(func(l *history.Life) { l.AccountState = "" })
	add(func(l *history.Life) { l.AccountState = "" }, reset.Delivery{Kind: reset.KindResetLink, NextAttemptAt: now, LastReply: "later"})
	add(func(l *history.Life) { l.ExpiresAt = now }, reset.Delivery{Kind: reset.KindResetLink})
	for _, expires := range []time.Time{now, now.Add(time.Hour)} {
		add(func(l *history.Life) { l.ExpiresAt, l.OpenedAt = expires, now }, sent)
		add(func(l *history.Life) { l.ExpiresAt = expires }, sent)
		add(func(l *history.Life) { l.ExpiresAt, l.Scanned = expires, reset.ScannedOnly }, sent)
		add(func(l *history.Life) { l.ExpiresAt, l.Scanned = expires, reset.ScannedPerhaps }, sent)
		add(func(l *history.Life) {
			happens(now, reset.EventBounced)(l)
			l.ExpiresAt, l.Mail = expires, reset.MailBounced
		}, sent)
	}
	add(func(*history.Life) {}, reset.Delivery{Kind: reset.KindResetLink, NextAttemptAt: now})
	add(happens(now, reset.EventFailed), reset.Delivery{Kind: reset.KindResetLink, FailedAt: now, Recipient: "user@example.org"})
	add(func(l *history.Life) { l.Mail = reset.MailFailed }, reset.Delivery{Kind: reset.KindResetLink})
	add(func(l *history.Life) { l.RequestedBy = "staff:example" }, sent)
	add(happens(now, reset.EventDeferred), reset.Delivery{Kind: reset.KindResetLink, NextAttemptAt: now, LastReply: "451 later"})
	add(happens(now, reset.EventDeferred), reset.Delivery{Kind: reset.KindResetLink})
	add(func(l *history.Life) {
		happens(now, reset.EventUnanswered)(l)
		l.Mail = reset.MailUnknown
	}, reset.Delivery{Kind: reset.KindResetLink})
	add(func(l *history.Life) {
		happens(now, reset.EventSent, reset.EventOpened, reset.EventNotMe, reset.EventRescue)(l)
		l.Events = append(l.Events, scanned(now))
		l.CreatedByIP, l.UsedByIP, l.UsedAt = address("192.0.2.7"), address("203.0.113.9"), now
	}, sent)
	add(func(l *history.Life) { // a notice that needs several attempts
		l.UsedAt = now
		happens(now, reset.EventNoticeBounced)(l)
		for _, kind := range []reset.EventKind{reset.EventDeferred, reset.EventUnanswered, reset.EventFailed, reset.EventSent} {
			l.Events = append(l.Events, reset.Event{At: now.Add(time.Second), Kind: kind, Actor: reset.ActorWorker, Agent: "mx.example.org:587"})
		}
	}, sent)
	add(happens(now, slices.Repeat([]reset.EventKind{reset.EventRefused}, 5)...), sent)
	add(func(l *history.Life) { l.Events = append(l.Events, scanned(now)) }, sent)
	many := slices.Repeat([]reset.EventKind{reset.EventRefused, reset.EventOpened}, 6)
	add(happens(now, many...), sent)
	add(func(l *history.Life) { l.Events = slices.Repeat([]reset.Event{scanned(now)}, 6) }, sent)
	add(func(l *history.Life) {
		happens(now, many...)(l)
		l.Events = append(l.Events, slices.Repeat([]reset.Event{scanned(now)}, 6)...)
	}, sent)
	quick := scanned(now)
	quick.Detail = "sooner than anybody reads"
	for _, n := range []int{1, 6} {
		add(func(l *history.Life) { l.Events = slices.Repeat([]reset.Event{quick}, n) }, sent)
	}
	return all
}

// presents returns what else may have happened to a person.
func presents(now time.Time) (all []history.Present) {
	used := history.Life{Reset: reset.Reset{UsedAt: now}}
	all = []history.Present{{Locked: now.Add(time.Hour)}, {Newest: []history.Life{{}, used}}}
	for _, kind := range history.ChangedBy {
		for _, actor := range []string{reset.ActorUser, "operator"} {
			all = append(all, history.Present{Changed: reset.Event{At: now, Kind: kind, Actor: actor}})
		}
	}
	for _, c := range []reset.Check{{PassedAt: now}, {Mail: reset.MailAccepted}, {Mail: reset.MailWaiting}} {
		c.AskedAt = now
		all = append(all, history.Present{Check: c})
	}
	return all
}

// happens adds one event of each kind, with the user as the actor.
func happens(now time.Time, kinds ...reset.EventKind) func(*history.Life) {
	return func(l *history.Life) {
		for _, kind := range kinds {
			l.Events = append(l.Events, reset.Event{At: now, Kind: kind, Actor: reset.ActorUser})
		}
	}
}

func scanned(now time.Time) reset.Event {
	return reset.Event{At: now, Kind: reset.EventOpened, Actor: reset.ActorScanner, Detail: "no agent"}
}

func address(text string) netip.Addr { return netip.MustParseAddr(text) }
