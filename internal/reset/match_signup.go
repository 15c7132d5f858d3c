package reset

import (
	"context"
	"fmt"
)

// matchSignUps looks up the accounts of sign-ups. For every address it makes the same
// queries. The link of a sign-up that was replaced is not sent: the newest email would have a
// dead link.
func (s *Service) matchSignUps(ctx context.Context, due []Delivery) ([]Mail, error) {
	if len(due) == 0 {
		return nil, nil
	}
	addresses := make([]Address, len(due))
	for i, d := range due {
		addresses[i], _ = ParseAddress(d.Recipient) // the zero Address has no account
	}
	found, err := s.store.FindEach(ctx, addresses)
	if err != nil {
		return nil, fmt.Errorf("match sign-ups: %w", err)
	}
	replaced, err := s.store.ReplacedSignUps(ctx, idsOf(due))
	if err != nil {
		return nil, fmt.Errorf("match sign-ups: %w", err)
	}
	var mails []Mail
	matched := make([]Delivery, len(due))
	for i, d := range due {
		m := s.signUpMail(d, addresses[i].Same(found[i]))
		if m.Delivery.Kind == KindSignUpConfirm && replaced[d.ID] {
			m.Delivery.Recipient = ""
		} else {
			mails = append(mails, m)
		}
		matched[i] = m.Delivery
	}
	if err := s.store.InTx(ctx, func(tx Tx) error { return tx.MatchSignUps(ctx, matched) }); err != nil {
		return nil, fmt.Errorf("match sign-ups: %w", err)
	}
	return mails, nil
}

func idsOf(all []Delivery) []ID {
	ids := make([]ID, len(all))
	for i, d := range all {
		ids[i] = d.ID
	}
	return ids
}

func (s *Service) signUpMail(d Delivery, found []Account) Mail {
	if len(found) == 0 {
		return Mail{Delivery: d, Now: s.now, Token: s.keys.Token(PurposeSignUp, d.ID)}
	}
	own := s.first(found)
	d.Kind, d.UserID, d.Recipient = KindSignUpExists, own.ID, own.Email
	if own.Locale != "" {
		d.Locale = own.Locale
	}
	return Mail{Delivery: d, Now: s.now, Account: own, Withheld: s.Withholds(own)}
}
