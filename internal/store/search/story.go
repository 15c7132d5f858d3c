package search

import (
	"cmp"
	"context"
	"slices"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Story implements history.Store.
func (r History) Story(ctx context.Context, p history.Person, from history.Sources, in history.Span) (s history.Story, err error) {
	if from.Resets {
		s.Resets, err = r.livesIn(ctx, p, in)
	}
	if from.Events && err == nil {
		s.Events, err = r.storyEvents(ctx, p, from, in)
	}
	if from.Mails && err == nil {
		c := mailsOf(p, in)
		s.Mails, err = r.db.Deliveries(ctx, `SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries`+c.Where()+` ORDER BY created_at DESC LIMIT `+c.Bind(mostLives), c.Args...)
	}
	if (from.Mails || from.Events) && p.Builtin && err == nil {
		s.SignUps, err = r.signUps(ctx, p, in)
	}
	return s, err
}

// livesIn returns the resets of which something may have happened in the span.
func (r History) livesIn(ctx context.Context, p history.Person, in history.Span) ([]history.Life, error) {
	if !in.Since.IsZero() {
		in.Since = in.Since.Add(-lifeTime)
	}
	return r.lives(ctx, p, in, mostLives)
}

// NewestResets implements history.Store.
func (r History) NewestResets(ctx context.Context, p history.Person, n int) ([]history.Life, error) {
	return r.lives(ctx, p, history.Span{}, n)
}

// lives returns the newest n resets that were requested in the span.
func (r History) lives(ctx context.Context, p history.Person, in history.Span, n int) ([]history.Life, error) {
	var found []history.Position
	for _, c := range resetsOf(p, in) {
		part, err := sqldb.All(ctx, r.db, positionFields, `SELECT id, created_at FROM password_resets`+c.Where()+` ORDER BY created_at DESC, id DESC LIMIT `+c.Bind(n), c.Args...)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	slices.SortFunc(found, func(a, b history.Position) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	resets, err := r.rows(ctx, found[:min(len(found), n)])
	if err != nil || len(resets) == 0 {
		return nil, err
	}
	return r.withMoments(ctx, resets)
}

// withMoments adds the deliveries and events of resets.
func (r History) withMoments(ctx context.Context, resets []reset.Reset) ([]history.Life, error) {
	all := make([]history.Life, len(resets))
	at, ids := map[reset.ID]*history.Life{}, make([]reset.ID, len(resets))
	for i, one := range resets {
		all[i].Reset, ids[i], at[one.ID] = one, one.ID, &all[i]
	}
	var c sqldb.Conditions
	mails, err := r.db.Deliveries(ctx, `
		SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries WHERE reset_id IN (`+sqldb.BindAll(&c, ids)+`) ORDER BY created_at, id`, c.Args...)
	if err != nil {
		return nil, err
	}
	for _, m := range mails {
		at[m.ResetID].Deliveries = append(at[m.ResetID].Deliveries, m)
	}
	c = sqldb.Conditions{}
	events, err := r.listEvents(ctx, ` WHERE reset_id IN (`+sqldb.BindAll(&c, ids)+`) ORDER BY at, id`, c.Args...)
	for _, e := range events {
		at[e.ResetID].Events = append(at[e.ResetID].Events, e.Event)
	}
	return all, err
}

// storyEvents reads the newest events before the end of a span, and keeps those in it. The
// index has no times: with the beginning as a condition, the database would read on to
// the account's first event.
func (r History) storyEvents(ctx context.Context, p history.Person, from history.Sources, in history.Span) ([]history.Event, error) {
	c := eventsOf(p, from, history.Span{Until: in.Until})
	found, err := r.listEvents(ctx, c.Where()+` ORDER BY id DESC LIMIT `+c.Bind(mostLives), c.Args...)
	return slices.DeleteFunc(found, func(e history.Event) bool { return e.At.Before(in.Since) }), err
}

func (r History) signUps(ctx context.Context, p history.Person, in history.Span) (all []history.SignUp, err error) {
	c := between("created_at", in)
	if len(p.Emails) == 0 {
		return nil, nil
	}
	c.Parts = append(c.Parts, `email IN (`+sqldb.BindAll(c, p.Emails)+`)`)
	fields := func(u *history.SignUp) []any { // the delivery has the id of its sign-up
		return []any{&u.Mail.ID, &u.CreatedAt, &u.ExpiresAt, &u.Email, &u.IP, &u.Agent, &u.ConfirmedAt}
	}
	all, err = sqldb.All(ctx, r.db, fields, `
		SELECT id, created_at, expires_at, email, created_by_ip, created_by_agent, confirmed_at FROM reset_signups`+c.Where()+`
		ORDER BY number DESC LIMIT `+c.Bind(mostLives), c.Args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var of sqldb.Conditions
	ids := make([]reset.ID, len(all))
	for i, u := range all {
		ids[i] = u.Mail.ID
	}
	mails, err := r.db.Deliveries(ctx, `SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries WHERE id IN (`+sqldb.BindAll(&of, ids)+`)`, of.Args...)
	known := map[reset.ID]reset.Delivery{}
	for _, m := range mails {
		known[m.ID] = m
	}
	for i, id := range ids {
		all[i].Mail = known[id]
	}
	return all, err
}
