package reset

import (
	"context"
	"time"
)

// decision is what becomes of a received request: the reset itself, and resets for
// further accounts with the address.
type decision struct {
	Queued
	further []Queued
}

// all returns every reset of the request.
func (q *decision) all() []*Queued {
	all := []*Queued{&q.Queued}
	for i := range q.further {
		all = append(all, &q.further[i])
	}
	return all
}

// lookUp loads the requests and decides about each, as far as the accounts tell.
func (s *Service) lookUp(ctx context.Context, due []Delivery, now time.Time) ([]decision, error) {
	ids := make([]ID, len(due))
	for i, d := range due {
		ids[i] = d.ResetID
	}
	rows, err := s.store.ResetsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	addresses := make([]Address, len(due))
	for i, d := range due {
		addresses[i] = addressOf(rows[d.ResetID], d, now)
	}
	found, err := s.store.FindEach(ctx, addresses)
	if err != nil {
		return nil, err
	}
	var decisions []decision
	for i, d := range due {
		if r, ok := rows[d.ResetID]; ok {
			decisions = append(decisions, s.decide(r, d, found[i], now))
		}
	}
	return decisions, nil
}

// addressOf returns the address to look up; zero if the request can't get a link.
func addressOf(r Reset, d Delivery, now time.Time) Address {
	a, err := parseAsked(d.Recipient)
	if err != nil || !r.matchable(now) {
		return Address{}
	}
	return a
}

// matchable reports whether a link can still be sent for a request.
func (r Reset) matchable(now time.Time) bool {
	return r.Status(now) == StatusReceived && now.Before(sendBefore(r.CreatedAt, r.ExpiresAt))
}
