package search

import (
	"cmp"
	"context"
	"time"

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
		var c sqldb.Conditions
		s.Mails, err = r.db.Deliveries(ctx, `SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries`+mailsOf(&c, p, in)+` ORDER BY created_at DESC LIMIT `+c.Bind(mostLives), c.Args...)
	}
	if (from.Mails || from.Events) && p.Builtin && err == nil {
		s.SignUps, err = r.signUps(ctx, p, in)
	}
	return s, err
}

// livesIn returns the resets of which something happened in the span, or after it.
func (r History) livesIn(ctx context.Context, p history.Person, in history.Span) ([]history.Life, error) {
	since := in.Since
	if !since.IsZero() {
		in.Since = since.Add(-lifeTime)
	}
	return r.lives(ctx, p, in, since, mostLives)
}

// NewestResets implements history.Store.
func (r History) NewestResets(ctx context.Context, p history.Person, n int) ([]history.Life, error) {
	return r.lives(ctx, p, history.Span{}, time.Time{}, n)
}

// lives returns those of the newest n resets in the span to which something happened
// since a time. The database decides this: a busy person has hundreds of resets that a
// page does not show.
func (r History) lives(ctx context.Context, p history.Person, in history.Span, since time.Time, n int) ([]history.Life, error) {
	var c sqldb.Conditions
	newest, at := newestOf(&c, sqldb.ResetColumns, p, in, n), c.Bind(cmp.Or(since, firstTime))
	found, err := r.db.Resets(ctx, `SELECT * FROM (`+newest+`) AS newest
		WHERE created_at >= `+at+` OR expires_at >= `+at+` OR used_at >= `+at+` OR revoked_at >= `+at+`
		OR (SELECT max(at) FROM reset_events WHERE reset_id = newest.id) >= `+at+`
		OR (SELECT max(at) FROM reset_audit WHERE target = CAST(newest.id AS text)) >= `+at+`
		ORDER BY created_at DESC, id LIMIT `+c.Bind(n), c.Args...)
	if err != nil {
		return nil, err
	}
	return r.withMoments(ctx, found)
}

// withMoments adds the deliveries and events of resets.
func (r History) withMoments(ctx context.Context, resets []reset.Reset) ([]history.Life, error) {
	if len(resets) == 0 {
		return nil, nil
	}
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
	events, err := r.events(ctx, `reset_events WHERE reset_id IN (`+sqldb.BindAll(&c, ids)+`) ORDER BY at, id`, c.Args...)
	for _, e := range events {
		life := at[e.ResetID]
		life.Events = append(life.Events, e.Event)
		if e.Kind == reset.EventOpened && e.Actor == reset.ActorScanner && life.AccountState != "" {
			rule, _ := reset.Number(e.Detail)
			life.Scanned = life.Scanned.And(rule)
		}
	}
	return all, err
}

// storyEvents returns the newest events before the end of a span that are in it. The
// index has no times: without the inner limit, the database would read on to the account's
// first event.
func (r History) storyEvents(ctx context.Context, p history.Person, from history.Sources, in history.Span) ([]history.Event, error) {
	var c sqldb.Conditions
	newest := `SELECT * FROM reset_events` + eventsOf(&c, p, from, history.Span{Until: in.Until}) + ` ORDER BY id DESC LIMIT ` + c.Bind(mostLives)
	return r.events(ctx, `(`+newest+`) AS newest WHERE at >= `+c.Bind(cmp.Or(in.Since, firstTime))+` ORDER BY id DESC`, c.Args...)
}

func (r History) signUps(ctx context.Context, p history.Person, in history.Span) (all []history.SignUp, err error) {
	if len(p.Emails) == 0 {
		return nil, nil
	}
	var c sqldb.Conditions
	during(&c, "created_at", in)
	c.Parts = append(c.Parts, `email IN (`+sqldb.BindAll(&c, p.Emails)+`)`)
	fields := func(u *history.SignUp) []any { // the delivery has the id of its sign-up
		return []any{&u.Mail.ID, &u.CreatedAt, &u.ExpiresAt, &u.Email, &u.IP, &u.Agent, &u.ConfirmedAt, &u.Replaced}
	}
	all, err = sqldb.All(ctx, r.db, fields, `
		SELECT id, created_at, expires_at, email, created_by_ip, created_by_agent, confirmed_at, `+sqldb.NewerSignUpSent+` FROM reset_signups`+c.Where()+`
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
