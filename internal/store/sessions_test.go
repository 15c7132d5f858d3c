package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"resetd/internal/store"
	"resetd/internal/testkit"
)

// An unchanged session is written at most once a minute, so that reading pages does not
// wait for the disk. A changed one is written at once.
func TestSessionIsWrittenWhenItChanges(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
		s := store.Sessions{Store: db.Open(t), Table: store.UserSessions, OwnerKey: "user", Now: func() time.Time { return now }}
		end := now.Add(time.Hour)
		must(t, s.CommitCtx(t.Context(), "token", session("a"), end))
		commit := func(value string, later time.Duration) (written bool) {
			t.Helper()
			ctx := store.TrackSession(t.Context())
			find(ctx, t, s)
			must(t, s.CommitCtx(ctx, "token", session(value), end.Add(later)))
			n := db.Text(t, `SELECT count(*) FROM reset_sessions WHERE expires_at = '`+end.Add(later).Format("2006-01-02 15:04:05.000000-07:00")+`'`)
			return n == "1"
		}
		for _, c := range []struct {
			value string
			later time.Duration
			want  bool
		}{{"a", 59 * time.Second, false}, {"a", time.Minute + time.Microsecond, true}, {"a", time.Minute, true}, {"b", time.Minute + time.Second, true}} {
			if got := commit(c.value, c.later); got != c.want {
				t.Errorf("session %q that ends %v later: written is %t, want %t", c.value, c.later, got, c.want)
			}
		}
		if got := find(t.Context(), t, s); got != string(session("b")) {
			t.Errorf("the session is %s, want the changed one", got)
		}
	})
}

// A session that is over is not counted, whether it lasted too long or nobody used it.
func TestOpenSessionsOfAnOwner(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
		s := store.Sessions{Store: db.Open(t), Table: store.UserSessions, OwnerKey: "user", Now: func() time.Time { return now }}
		begins := func(at time.Time, owner string, idle time.Duration) {
			data, err := store.SessionCodec{}.Encode(at.Add(12*time.Hour), map[string]any{"user": owner})
			must(t, err)
			must(t, s.CommitCtx(t.Context(), owner+at.String(), data, at.Add(idle)))
		}
		begins(now.Add(-2*time.Hour), "7", 3*time.Hour)
		begins(now, "7", time.Hour)
		begins(now.Add(-time.Hour), "7", time.Hour)
		begins(now, "8", time.Hour)
		got, err := s.Begun(t.Context(), "7", 12*time.Hour)
		must(t, err)
		if len(got) != 2 || !got[0].Equal(now) || !got[1].Equal(now.Add(-2*time.Hour)) {
			t.Errorf("got %v", got)
		}
	})
}

func session(value string) []byte {
	return fmt.Appendf(nil, `{"deadline":"2031-05-06T19:08:09Z","values":{"value":%q}}`, value)
}

func find(ctx context.Context, t *testing.T, s store.Sessions) string {
	t.Helper()
	data, found, err := s.FindCtx(ctx, "token")
	if !found || err != nil {
		t.Fatalf("the session was not found: %v", err)
	}
	return string(data)
}
