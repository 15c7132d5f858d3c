package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Bounced records that an email which a mail server had accepted came back. server is
// the mail server that reports it, detail the reason. It returns when the reset of the
// email was requested; zero if the email had no link. It returns ErrNotFound if there is
// no such email, or if this is recorded already.
func (s *Service) Bounced(ctx context.Context, delivery ID, server, detail string) (requested time.Time, err error) {
	now := s.now()
	err = s.store.InTx(ctx, func(tx Tx) error {
		d, err := tx.Bounce(ctx, delivery, now)
		if err != nil {
			return err
		}
		e := Event{ResetID: d.ResetID, At: now, Kind: EventBounced, Actor: ActorWorker, Agent: server, Detail: detail}
		switch {
		case d.Kind.HasLink():
			r, err := tx.Reset(ctx, d.ResetID)
			if err != nil {
				return err
			}
			requested = r.CreatedAt
		case d.ResetID != (ID{}):
			e.Kind = EventNoticeBounced
		case d.UserID == "":
			return nil // a sign-up: there is no account, so the delivery alone shows it
		default:
			e.UserID = d.UserID
		}
		return tx.Append(ctx, e)
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("record a bounce: %w", err)
	}
	return requested, err
}
