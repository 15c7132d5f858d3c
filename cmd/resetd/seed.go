package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/users"
)

// The clients of the demo's past resets.
var (
	desk    = visitor("198.51.100.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	phone   = visitor("203.0.113.24", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1")
	scanner = visitor("192.0.2.80", "Mozilla/5.0 (compatible; ExampleLinkPreview/2.1)")
	prober  = visitor("192.0.2.66", "python-requests/2.32")
)

func visitor(ip, agent string) reset.Client {
	return reset.Client{IP: netip.MustParseAddr(ip), Agent: agent}
}

// past is a past reset of the demo.
type past struct {
	ago      time.Duration
	email    string
	by       reset.Client
	withheld reset.Withheld
	then     []step
}

// step is a change of a reset some time after its request.
type step struct {
	after time.Duration
	do    change
}

// change changes a reset and its delivery at a given time.
type change func(ctx context.Context, tx reset.Tx, r reset.Reset, d *reset.Delivery, at time.Time) error

const day = 24 * time.Hour

// demoPast returns a reset for each possible course.
func demoPast(user string) []past {
	all := []past{
		{19 * day, "nobody@example.org", desk, reset.WithheldNoAccount, nil},
		{18 * day, "inactive@example.org", desk, reset.WithheldInactive, nil},
		{12 * day, user, desk, "", []step{
			{2 * time.Second, attempt(reset.EventDeferred, "451 4.7.1 Greylisted, try again later")}, {5 * time.Minute, attempt(reset.EventFailed, "550 5.1.1 Mailbox unavailable")},
		}},
		{9 * day, user, phone, "", []step{{2 * time.Second, accepted}, {4 * time.Second, scanned}, {6 * time.Second, scanned}}},
		{3 * day, user, desk, "", []step{{2 * time.Second, accepted}, {6 * time.Minute, revoked(reset.RevokedOtherLink)}}},
		{3*day - 4*time.Minute, user, desk, "", []step{
			{2 * time.Second, accepted},
			{4 * time.Second, scanned},
			{time.Minute, opened(phone)},
			{90 * time.Second, declined(phone, "password refused: too_short")},
			{2 * time.Minute, used(phone)},
		}},
		{day, user, prober, "", []step{{2 * time.Second, accepted}, {20 * time.Minute, revoked(reset.RevokedNotMe)}}},
		{20 * time.Hour, user, prober, reset.WithheldThrottled, nil},
		{25 * time.Minute, user, desk, "", []step{{3 * time.Second, accepted}, {5 * time.Second, scanned}}},
	}
	for i, name := range []string{"info", "office", "sales", "support", "team", "admin"} {
		all = append(all, past{20*time.Hour + time.Duration(i)*time.Minute, name + "@example.org", prober, reset.WithheldNoAccount, nil})
	}
	return all
}

// seedEvents adds what happened to the first account besides its resets.
func seedEvents(ctx context.Context, s *store.Store, userID string) error {
	now := time.Now()
	for _, e := range []struct {
		ago  time.Duration
		kind reset.EventKind
		by   reset.Client
	}{
		{13 * day, reset.EventSignedIn, desk},
		{4 * day, reset.EventSignInFailed, phone},
		{4*day - time.Minute, reset.EventSignInFailed, phone},
		{3*day - 10*time.Minute, reset.EventSignedIn, phone},
		{22 * time.Hour, reset.EventSignInFailed, prober},
		{21 * time.Hour, reset.EventSignInFailed, prober},
	} {
		err := s.Append(ctx, reset.Event{UserID: userID, At: now.Add(-e.ago), Kind: e.kind, Actor: reset.ActorUser, IP: e.by.IP, Agent: e.by.Agent})
		if err != nil {
			return err
		}
	}
	return nil
}

// seedHistory adds the past resets of the demo. known are the accounts by address.
func seedHistory(ctx context.Context, s *store.Store, known map[string]users.User) error {
	for _, p := range demoPast(demoUsers[0].email) {
		r, d := p.reset(known)
		err := s.InTx(ctx, func(tx reset.Tx) error {
			if err := tx.Insert(ctx, r, d); err != nil {
				return err
			}
			for _, h := range p.then {
				if err := h.do(ctx, tx, r, &d, r.CreatedAt.Add(h.after)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// reset returns the row, and a delivery that is not due.
func (p past) reset(known map[string]users.User) (reset.Reset, reset.Delivery) {
	at := time.Now().Add(-p.ago)
	r := reset.Reset{
		ID: uuid.New(), CreatedAt: at, ExpiresAt: at.Add(time.Hour), Email: p.email,
		CreatedByIP: p.by.IP, CreatedByAgent: p.by.Agent, RequestedBy: reset.RequestedByUser, Withheld: p.withheld,
	}
	d := reset.Delivery{ID: uuid.New(), ResetID: r.ID, Kind: reset.KindResetLink, CreatedAt: at, LastServer: "mx.example.org:587", MessageID: uuid.NewString() + "@example.org"}
	if user, found := known[p.email]; found {
		r.UserID, d.UserID = user.ID.String(), user.ID.String()
	}
	if p.withheld == "" {
		r.AccountState, r.Mail, d.Recipient = "from before", reset.MailWaiting, p.email
	}
	return r, d
}

// accepted is a successful attempt to send the email.
var accepted = attempt(reset.EventSent, "250 2.0.0 Ok: queued")

// attempt is an attempt to send the email.
func attempt(kind reset.EventKind, reply string) change {
	return func(ctx context.Context, tx reset.Tx, r reset.Reset, d *reset.Delivery, at time.Time) error {
		d.LastReply = reply
		switch kind {
		case reset.EventSent:
			d.SentAt = at
		case reset.EventFailed:
			d.FailedAt = at
		default:
		}
		return tx.Settle(ctx, reset.Attempt{Delivery: *d, Event: reset.Event{
			ResetID: r.ID, At: at, Kind: kind, Actor: reset.ActorWorker, Agent: d.LastServer, Detail: reply,
		}})
	}
}

func scanned(ctx context.Context, tx reset.Tx, r reset.Reset, _ *reset.Delivery, at time.Time) error {
	return tx.Append(ctx, reset.Event{
		ResetID: r.ID, At: at, Kind: reset.EventOpened, Actor: reset.ActorScanner, IP: scanner.IP, Agent: scanner.Agent, Detail: "agent of a program",
	})
}

func opened(by reset.Client) change {
	return func(ctx context.Context, tx reset.Tx, r reset.Reset, _ *reset.Delivery, at time.Time) error {
		if err := tx.Opened(ctx, r.ID, at, by); err != nil {
			return err
		}
		return tx.Append(ctx, reset.Event{ResetID: r.ID, At: at, Kind: reset.EventOpened, Actor: reset.ActorUser, IP: by.IP, Agent: by.Agent})
	}
}

func declined(by reset.Client, why string) change {
	return func(ctx context.Context, tx reset.Tx, r reset.Reset, _ *reset.Delivery, at time.Time) error {
		return tx.Append(ctx, reset.Event{ResetID: r.ID, At: at, Kind: reset.EventRefused, Actor: reset.ActorUser, IP: by.IP, Agent: by.Agent, Detail: why})
	}
}

func used(by reset.Client) change {
	return func(ctx context.Context, tx reset.Tx, r reset.Reset, _ *reset.Delivery, at time.Time) error {
		_, err := tx.Use(ctx, r.ID, at, by)
		return err
	}
}

func revoked(by string) change {
	return func(ctx context.Context, tx reset.Tx, r reset.Reset, _ *reset.Delivery, at time.Time) error {
		return tx.Revoke(ctx, r.ID, at, by)
	}
}
