package store

import (
	"context"
	"net/netip"
	"regexp"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

var _ history.Store = (*Store)(nil)

// search is one question to the record. It is answered in two steps: which rows
// they are, found by whatever index knows it soonest, and then the rows.
type search struct {
	queries
	history.Filter
	now time.Time
}

func (q queries) search(f history.Filter, now time.Time) search {
	f.Network = unmapped(f.Network)
	if f.Withheld != "" && f.Status == "" {
		f.Status = reset.StatusWithheld
	}
	return search{queries: q, Filter: f, now: now}
}

// Page implements history.Store.
func (s *Store) Page(ctx context.Context, f history.Filter, now time.Time, after history.Position, n int) ([]history.Row, error) {
	spots, err := s.search(f, now).newest(ctx, after, n)
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, spots)
}

// eachPage is how many rows Each has in memory.
const eachPage = 500

// Each implements history.Store.
func (s *Store) Each(ctx context.Context, f history.Filter, now time.Time, yield func(history.Row) error) error {
	var after history.Position
	for {
		// Nothing is held open between pages, however slow the reader is.
		spots, err := s.search(f, now).newest(ctx, after, eachPage)
		if err != nil || len(spots) == 0 {
			return err
		}
		rows, err := s.rows(ctx, spots)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := yield(r); err != nil {
				return err
			}
		}
		after = spots[len(spots)-1]
	}
}

// newest finds the n newest matches behind a position.
func (s search) newest(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	switch {
	case n < 1 || s.impossible():
		return nil, nil
	case s.ID != reset.ID{} || s.IDPrefix != "":
		return s.sorted(ctx, after, n) // few begin with the same eight digits
	case s.Status == history.MailFailed:
		return s.byFailure(ctx, after, n)
	case s.UserID != "" || s.Email != "":
		return s.byAccount(ctx, after, n)
	case s.Network.IsValid():
		return s.byNetwork(ctx, after, n)
	case s.Part != "":
		return s.byPart(ctx, after, n)
	default:
		return s.byTime(ctx, after, n)
	}
}

// idDigits is what an id begins with.
var idDigits = regexp.MustCompile(`^[0-9a-f]{8}$`)

// impossible: what is withheld for a reason is in no other status, and PostgreSQL
// takes only ids for ids.
func (s search) impossible() bool {
	return s.Withheld != "" && s.Status != reset.StatusWithheld || s.IDPrefix != "" && !idDigits.MatchString(s.IDPrefix)
}

// spot is where a row stands, as the queries below return it.
type spot struct {
	ID        reset.ID `db:"id"`
	CreatedAt instant  `db:"created_at"`
}

func (q queries) spots(ctx context.Context, query string, args ...any) ([]history.Position, error) {
	spots, _, err := spotsAnd[bool](ctx, q, query, args...)
	return spots, err
}

// spotsAnd returns besides what each row says of the search as a whole. Where there
// is no spot, a row without one may say it.
func spotsAnd[T any](ctx context.Context, q queries, query string, args ...any) (spots []history.Position, rest T, err error) {
	var found []struct {
		spot
		Rest T `db:"rest"`
	}
	err = q.list(ctx, &found, query, args...)
	for _, f := range found {
		rest = f.Rest
		if !f.CreatedAt.IsZero() {
			spots = append(spots, history.Position{CreatedAt: f.CreatedAt.Time, ID: f.ID})
		}
	}
	return spots, rest, err
}

type historyRow struct {
	resetRow
	MailFailedAt instant `db:"mail_failed_at"`
}

// rows reads what stands at the spots, newest first. A row that was purged
// meanwhile is missing.
func (q queries) rows(ctx context.Context, spots []history.Position) ([]history.Row, error) {
	if len(spots) == 0 {
		return nil, nil
	}
	var c conditions
	ids := make([]string, len(spots))
	for i, at := range spots {
		ids[i] = at.ID.String()
	}
	among := q.dialect.among(&c, ids)
	var found []historyRow
	err := q.list(ctx, &found, `
		SELECT `+resetColumns+`, CASE WHEN mail_failed THEN (
			SELECT max(d.failed_at) FROM reset_deliveries d WHERE d.reset_id = password_resets.id AND d.kind = `+c.bind(reset.KindResetLink)+`) END AS mail_failed_at
		FROM password_resets WHERE id `+among+` ORDER BY created_at DESC, id DESC`, c.args...)
	rows := make([]history.Row, len(found))
	for i, r := range found {
		rows[i] = history.Row{Reset: r.reset(), MailFailedAt: r.MailFailedAt.Time}
	}
	return rows, err
}

// unmapped writes a network of IPv4 addresses as such where it came mapped into
// IPv6, since the record does so with addresses.
func unmapped(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
