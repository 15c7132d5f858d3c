package history

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/reset"
)

var (
	now   = time.Date(2026, time.March, 3, 13, 5, 0, 0, time.UTC)
	asker = netip.MustParseAddr("192.0.2.7")
)

// life returns a live reset whose email was accepted.
func life(edit ...func(*Life)) Life {
	l := Life{
		Reset: reset.Reset{CreatedAt: now.Add(-48 * time.Minute), ExpiresAt: now.Add(12 * time.Minute), CreatedByIP: asker, AccountState: "state"},
		Deliveries: []reset.Delivery{
			{Kind: reset.KindPasswordChanged},
			{Kind: reset.KindResetLink, SentAt: now.Add(-47 * time.Minute), LastReply: "250 Ok"},
		},
		Events: []reset.Event{{Kind: reset.EventSent, Actor: reset.ActorWorker, Agent: "mx.example.org:25", Detail: "250 Ok"}},
	}
	for _, e := range edit {
		e(&l)
	}
	return l
}

// unsent makes the email with the link one that was not accepted.
func unsent(edit func(d *reset.Delivery)) func(*Life) {
	return func(l *Life) {
		l.Events = nil
		l.Deliveries[1].SentAt, l.Deliveries[1].NextAttemptAt = time.Time{}, now.Add(time.Minute)
		edit(&l.Deliveries[1])
	}
}

func happened(kind reset.EventKind, actor string, times int) func(*Life) {
	return func(l *Life) {
		for n := range times {
			e := reset.Event{Kind: kind, Actor: actor}
			if actor == reset.ActorScanner {
				e.Detail = []string{"no agent", "head request"}[n%2]
			}
			l.Events = append(l.Events, e)
		}
	}
}

func TestVerdict(t *testing.T) {
	sent := message("verdict_mail_sent", "Server", "mx.example.org:25", "At", now.Add(-47*time.Minute))
	alive := message("verdict_alive", "In", 12*time.Minute)
	unopened, notYet := message("verdict_not_opened"), message("verdict_not_opened_yet")
	for name, c := range map[string]struct {
		life Life
		want []Message
	}{
		"on its way": {life(), []Message{sent, notYet, alive}},
		"a scanner, never a person": {
			life(happened(reset.EventOpened, reset.ActorScanner, 3)),
			[]Message{sent, message("verdict_opened_scanner", "Count", 3, "Rules", Rules{"no agent", "head request"}), alive},
		},
		"what may be a person": {
			life(happened(reset.EventOpened, reset.ActorScanner, 1), func(l *Life) {
				l.Events = append(l.Events, reset.Event{Kind: reset.EventOpened, Actor: reset.ActorScanner, Detail: "sooner than anybody reads"})
			}),
			[]Message{sent, message("verdict_opened_perhaps", "Count", 2, "Rules", Rules{"no agent", "sooner than anybody reads"}), alive},
		},
		"a person and a scanner": {
			life(happened(reset.EventOpened, reset.ActorScanner, 1), happened(reset.EventOpened, reset.ActorUser, 3)),
			[]Message{sent, message("verdict_opened", "Count", 3), message("verdict_opened_scanner_too", "Count", 1, "Rules", Rules{"no agent"}), alive},
		},
		"used": {
			life(happened(reset.EventOpened, reset.ActorUser, 1), happened(reset.EventRefused, reset.ActorUser, 2),
				func(l *Life) { l.UsedAt, l.UsedByIP = now, asker }),
			[]Message{sent, message("verdict_opened", "Count", 1), message("verdict_refused", "Count", 2), message("verdict_used", "At", now, "IP", "192.0.2.7")},
		},
		"expired": {
			life(func(l *Life) { l.ExpiresAt = now }),
			[]Message{sent, unopened, message("verdict_expired", "At", now)},
		},
		"another link was used": {
			life(func(l *Life) { l.RevokedAt, l.RevokedBy = now, reset.RevokedOtherLink }),
			[]Message{sent, unopened, message("verdict_revoked_other_link", "At", now)},
		},
		"ended by staff": {
			life(func(l *Life) { l.RevokedAt, l.RevokedBy = now, "staff:example" }),
			[]Message{sent, unopened, message("verdict_revoked_by", "At", now, "By", Who("staff:example"))},
		},
		"no account": {
			life(func(l *Life) { l.Withheld, l.AccountState = reset.WithheldNoAccount, "" }),
			[]Message{message("verdict_withheld_no_account")},
		},
		"being looked up": {
			life(func(l *Life) { l.AccountState = "" }, unsent(func(d *reset.Delivery) { d.LastReply = "" })),
			[]Message{message("verdict_received")},
		},
		"could not be looked up": {
			life(func(l *Life) { l.AccountState = "" }, unsent(func(d *reset.Delivery) { d.LastReply, d.NextAttemptAt = "accounts away", now.Add(time.Minute) }), happened(reset.EventDeferred, reset.ActorWorker, 2)),
			[]Message{message("verdict_received_failed", "Count", 2, "At", now.Add(time.Minute), "Reply", "accounts away")},
		},
		"mail not tried yet": {
			life(unsent(func(*reset.Delivery) {})),
			[]Message{message("verdict_mail_waiting"), notYet, alive},
		},
		"email refused for now": {
			life(unsent(func(d *reset.Delivery) { d.LastReply = "450 later" }), happened(reset.EventDeferred, reset.ActorWorker, 2)),
			[]Message{message("verdict_mail_deferred", "Count", 2, "At", now.Add(time.Minute), "Reply", "450 later"), notYet, alive},
		},
		"mail refused for good": {
			life(unsent(func(d *reset.Delivery) { d.FailedAt, d.LastReply = now, "550 no such user" })),
			[]Message{message("verdict_mail_failed", "At", now, "Reply", "550 no such user"), notYet, alive},
		},
		"mail refused for now until the link had ended": {
			life(unsent(func(d *reset.Delivery) { d.LastReply, d.NextAttemptAt = "450 later", time.Time{} }), happened(reset.EventDeferred, reset.ActorWorker, 2)),
			[]Message{message("verdict_mail_ended", "Count", 2, "Reply", "450 later"), notYet, alive},
		},
		"no mail was due any more": {
			life(unsent(func(d *reset.Delivery) { d.NextAttemptAt = time.Time{} })),
			[]Message{message("verdict_mail_none"), notYet, alive},
		},
	} {
		if diff := cmp.Diff(c.want, c.life.Verdict(now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFlags(t *testing.T) {
	used := func(by string) func(*Life) { return func(l *Life) { l.UsedByIP = netip.MustParseAddr(by) } }
	for name, c := range map[string]struct {
		life  Life
		asked int
		want  []Message
	}{
		"nothing unusual": {life(used("192.0.2.200")), 4, nil},
		"another network": {life(used("192.0.3.7")), 1, []Message{message("flag_networks", "Asked", "192.0.2.7", "Used", "192.0.3.7")}},
		"unknown user":    {life(used("::")), 1, nil},
		"unknown visitor": {life(used("192.0.3.7"), func(l *Life) { l.CreatedByIP = netip.IPv6Unspecified() }), 9, nil},
		"the other kind":  {life(used("2001:db8::1")), 1, []Message{message("flag_networks", "Asked", "192.0.2.7", "Used", "2001:db8::1")}},
		"asked by staff": {
			life(used("192.0.3.7"), func(l *Life) { l.RequestedBy = "staff:example" }), 9, nil,
		},
		"many accounts": {life(), 5, []Message{message("flag_accounts", "Count", 5, "IP", "192.0.2.7")}},
		"many refused":  {life(happened(reset.EventRefused, reset.ActorUser, 5)), 1, []Message{message("flag_refused", "Count", 5)}},
	} {
		if diff := cmp.Diff(c.want, c.life.Flags(c.asked)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
