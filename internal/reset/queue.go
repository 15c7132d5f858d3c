package reset

import (
	"context"
	"fmt"
	"time"
)

// Lease leases at most n due emails to the caller.
func (s *Service) Lease(ctx context.Context, which Which, lease time.Duration, n int) ([]Delivery, error) {
	now := s.now()
	due, err := s.store.Lease(ctx, which, now, now.Add(lease), n)
	if err != nil {
		return nil, fmt.Errorf("lease emails: %w", err)
	}
	return due, nil
}

// Sent settles an email that the mail server accepted with this reply.
func (s *Service) Sent(ctx context.Context, d Delivery, reply string) error {
	now := s.now()
	d.SentAt, d.NextAttemptAt, d.LastReply = now, time.Time{}, reply
	return s.attempted(ctx, d, now, EventSent)
}

// Unanswered settles an email that the mail server received but did not confirm. It
// has usually arrived, and asking again makes a new link, so it is not sent again. A
// notice, which nobody can ask for, is sent once more after an hour.
func (s *Service) Unanswered(ctx context.Context, m Mail, reply string) error {
	now := s.now()
	d := m.Delivery
	again := d.Kind.isNotice() && d.LastReply != reply
	d.NextAttemptAt, d.LastReply, d.Unanswered = time.Time{}, reply, !again
	if again {
		d.NextAttemptAt = now.Add(MaxWait)
	}
	return s.attempted(ctx, d, now, EventUnanswered)
}

// beforeGiveUp is when the last attempt is made, if the usual wait would be too long.
const beforeGiveUp = 30 * time.Second

// Deferred puts an email back into the queue. It is due again after wait, or shortly
// before m.GiveUpAt. If that has passed, the email has failed instead.
func (s *Service) Deferred(ctx context.Context, m Mail, wait time.Duration, reply string) error {
	now := s.now()
	d := m.Delivery
	d.NextAttemptAt, d.LastReply = now.Add(min(wait, MaxWait)), reply
	if giveUp := m.GiveUpAt(); !d.NextAttemptAt.Before(giveUp) {
		d.NextAttemptAt = giveUp.Add(-beforeGiveUp)
	}
	if !d.NextAttemptAt.After(now) {
		return s.Failed(ctx, d, reply)
	}
	return s.attempted(ctx, d, now, EventDeferred)
}

// Failed settles an email that is not tried again.
func (s *Service) Failed(ctx context.Context, d Delivery, reply string) error {
	now := s.now()
	d.FailedAt, d.NextAttemptAt, d.LastReply = now, time.Time{}, reply
	return s.attempted(ctx, d, now, EventFailed)
}

// Dropped settles deliveries without an email (see ErrNothingToSend).
func (s *Service) Dropped(ctx context.Context, all []Delivery) error {
	if err := s.store.Drop(ctx, all); err != nil {
		return fmt.Errorf("drop emails: %w", err)
	}
	return nil
}

// Renew prolongs the leases of deliveries.
func (s *Service) Renew(ctx context.Context, held []Delivery, lease time.Duration) error {
	if err := s.store.Renew(ctx, held, s.now().Add(lease)); err != nil {
		return fmt.Errorf("renew leases: %w", err)
	}
	return nil
}

// attempted stores the outcome of an attempt and its event together.
func (s *Service) attempted(ctx context.Context, d Delivery, now time.Time, kind EventKind) error {
	e := Event{ResetID: d.ResetID, At: now, Kind: kind, Actor: ActorWorker, Agent: d.LastServer, Detail: d.LastReply}
	return s.store.Settle(ctx, Attempt{d, e})
}
