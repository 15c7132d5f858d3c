package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// revokeChanged revokes a link whose account changed, and returns why the link is
// dead. The reason may be ErrUsed: a concurrent use of this link changes the
// account too.
func (s *Service) revokeChanged(ctx context.Context, id ID, now time.Time) error {
	if err := s.store.Revoke(ctx, id, now, RevokedAccountChanged); err != nil {
		return fmt.Errorf("revoke link: %w", err)
	}
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return fmt.Errorf("look up link: %w", err)
	}
	return r.dead(now)
}

// refuse records a refused attempt and returns the reason.
func (s *Service) refuse(ctx context.Context, id ID, now time.Time, by Client, why error) error {
	reason := refusal(why)
	if reason == "" {
		return why
	}
	s.count(Outcome("refused_" + refusalKind(why)))
	e := Event{ResetID: id, At: now, Kind: EventRefused, Actor: ActorUser, IP: by.IP, Agent: by.Agent, Detail: reason}
	if err := s.store.InBatch(ctx, func(tx Tx) error { return appendCounted(ctx, tx, e) }); err != nil {
		return fmt.Errorf("record refusal: %w", err)
	}
	return why
}

// refusal returns the word for a refusal in the record. It is empty for a fault
// of the service, and for a link without a row.
func refusal(err error) string {
	if weak, ok := errors.AsType[*RefusedPassword](err); ok {
		return weak.Error()
	}
	switch {
	case errors.Is(err, ErrUsed):
		return "used"
	case errors.Is(err, ErrExpired):
		return "expired"
	case errors.Is(err, ErrOtherUsed):
		return RevokedOtherLink
	case errors.Is(err, ErrRevoked):
		return "revoked"
	default:
		return ""
	}
}
