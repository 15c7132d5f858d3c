package store

import (
	"context"
	"time"
)

// MergeDays makes one line of the several that reset_days has for a day, once it
// is over and few write to it any more: the overview then reads a line a day. Sums
// are the same at any moment, whoever writes meanwhile. SQLite has one line anyway.
func (s *Store) MergeDays(ctx context.Context, now time.Time) error {
	if s.dialect != &onPostgres {
		return nil
	}
	var days []string
	err := s.list(ctx, &days, `SELECT DISTINCT CAST(day AS text) FROM reset_days WHERE writer <> 0 AND day < $1`,
		dayOf(now).AddDate(0, 0, -1).Format(time.DateOnly))
	for _, day := range days {
		// A day by itself: whoever changes several days at once, in whatever order,
		// waits for this one and is not waited for.
		if _, err = s.exec(ctx, mergeDay, day); err != nil {
			break
		}
	}
	return err
}

const mergeDay = `
	WITH lines AS (DELETE FROM reset_days WHERE day = $1 AND writer <> 0 RETURNING *)
	INSERT INTO reset_days AS d (day, writer, asked, delivered, opened, used, no_account, inactive, throttled, no_password)
	SELECT day, 0, sum(asked), sum(delivered), sum(opened), sum(used), sum(no_account), sum(inactive), sum(throttled), sum(no_password)
	FROM lines GROUP BY day
	ON CONFLICT (day, writer) DO UPDATE SET asked = d.asked + excluded.asked, delivered = d.delivered + excluded.delivered,
		opened = d.opened + excluded.opened, used = d.used + excluded.used, no_account = d.no_account + excluded.no_account,
		inactive = d.inactive + excluded.inactive, throttled = d.throttled + excluded.throttled, no_password = d.no_password + excluded.no_password`
