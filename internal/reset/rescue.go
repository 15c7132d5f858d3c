package reset

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"
)

// rescueTries is how often a rescue begins again, because the password changed while
// it made a hash.
const rescueTries = 3

// denyChange ends what a notice reported. It works once for each notice, and not
// after a rescue link of the account was used.
func (s *Service) denyChange(ctx context.Context, id ID, now time.Time, by Client) (Rescue, error) {
	notice, err := s.store.Delivery(ctx, id)
	if err != nil {
		return Rescue{}, err
	}
	if now.Sub(notice.CreatedAt) >= NotMeLifetime {
		return Rescue{}, ErrExpired
	}
	err = ErrAccountChanged
	for try := 0; try < rescueTries && notice.DeniedAt.IsZero() && errors.Is(err, ErrAccountChanged); try++ {
		err = s.rescue(ctx, notice, by)
	}
	switch {
	case err == nil, !notice.DeniedAt.IsZero(), errors.Is(err, ErrNotFound): // done, now or before
		return s.rescued(ctx, id, now)
	default:
		return Rescue{}, err
	}
}

// rescue ends the password that a stranger may have set, and the account's sessions and
// links, and sends its owner a link. It returns ErrNotFound if the notice permits no
// rescue, and ErrAccountChanged if the password changed while rescue made a hash.
func (s *Service) rescue(ctx context.Context, notice Delivery, by Client) error {
	a, err := s.store.Account(ctx, notice.UserID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	now := s.now() // later than the use that set the password which this ends
	if err := s.finishClaims(ctx, a); err != nil {
		return err
	}
	var useless NewPassword
	if s.passwords.Usable(a.PasswordHash) {
		if useless, err = s.uselessPassword(ctx, a); err != nil {
			return err
		}
	}
	shutOut := func(ctx context.Context, d Directory) (Account, error) {
		return s.shutOut(ctx, d, a, notice.Recipient, useless, now)
	}
	if s.store.TwoDatabases() && a.ID != "" {
		return s.rescueTwoDatabases(ctx, notice, a, useless, shutOut, now, by)
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		return s.recordRescue(ctx, tx, notice, func() (Account, error) { return shutOut(ctx, tx) }, now, by)
	})
}

// rescueTwoDatabases is the transaction of rescue for accounts in another database. If it
// only ends sessions, it needs no claim: that can be repeated.
func (s *Service) rescueTwoDatabases(ctx context.Context, notice Delivery, a Account, useless NewPassword, shutOut setter, now time.Time, by Client) error {
	if useless.Hash != "" {
		c := s.newClaim(a, useless, now, by)
		c.NoticeID = notice.ID
		return s.setWithClaim(ctx, c, shutOut)
	}
	err := s.store.InAccounts(ctx, func(d Directory) (err error) {
		a, err = shutOut(ctx, d)
		return err
	})
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		return s.recordRescue(ctx, tx, notice, func() (Account, error) { return a, nil }, now, by)
	})
}

// recordRescue ends the links of an account and sends its owner a link. shutOut ends its
// password first, if that is not done yet.
func (s *Service) recordRescue(ctx context.Context, tx Tx, notice Delivery, shutOut func() (Account, error), now time.Time, by Client) error {
	rescue := newID()
	if err := tx.Deny(ctx, notice.ID, rescue, now); err != nil {
		return err
	}
	if err := tx.RevokeAll(ctx, notice.UserID, now, RevokedNotMe); err != nil {
		return err
	}
	a, err := shutOut()
	if err != nil {
		return err
	}
	return s.rescueLink(ctx, tx, notice, rescue, a, now, by)
}

// uselessPassword returns 32 random bytes, which nobody knows, in the account's own
// scheme. A mark for "no password" would cause the rescue link to be withheld.
func (s *Service) uselessPassword(ctx context.Context, a Account) (NewPassword, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	return s.hash(ctx, a, base64.RawURLEncoding.EncodeToString(secret[:]))
}

// shutOut ends the password and the sessions of an account. It returns the account as it
// is then, or the zero Account if no link can be sent to it: it was deleted, or its
// address is not the recipient of the notice.
func (s *Service) shutOut(ctx context.Context, d Directory, a Account, recipient string, useless NewPassword, now time.Time) (Account, error) {
	if a.ID == "" {
		return Account{}, nil
	}
	end := func() error { return d.SetPassword(ctx, a, useless, now) }
	if useless.Hash == "" {
		end = func() error { return d.EndSessions(ctx, a, now) }
	}
	if err := end(); err != nil {
		return Account{}, err
	}
	a, err := d.Account(ctx, a.ID)
	if errors.Is(err, ErrNotFound) {
		return Account{}, ErrAccountChanged
	}
	if err != nil || a.Email == recipient {
		return a, err
	}
	return addressed(ctx, d, a.ID, recipient)
}

// rescueLink sends the account's owner a link, unless the account is zero, and links
// the resets of the change and of the rescue in the record.
func (s *Service) rescueLink(ctx context.Context, tx Tx, notice Delivery, id ID, a Account, now time.Time, by Client) error {
	denied := Event{ResetID: notice.ResetID, UserID: notice.UserID}
	if a.ID == "" {
		return tx.Append(ctx, notMe(denied, now, by))
	}
	r, d := s.draft(now, a)
	r.ID, d.ResetID, d.Kind, r.RequestedBy = id, id, KindRescue, RequestedByRescue
	r.Email, r.CreatedByIP, r.CreatedByAgent = Normal(a.Email), by.IP, by.Agent
	if d.Locale == "" {
		d.Locale = notice.Locale
	}
	if err := tx.Insert(ctx, r, d); err != nil {
		return err
	}
	denied.Detail = id.String()
	follows := Event{ResetID: id, At: now, Kind: EventRescue, Actor: ActorUser, IP: by.IP, Agent: by.Agent}
	if notice.ResetID != (ID{}) {
		follows.Detail = notice.ResetID.String()
	}
	return errors.Join(tx.Append(ctx, notMe(denied, now, by)), tx.Append(ctx, follows))
}
