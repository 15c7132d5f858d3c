package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

func admin(m *staff.Member) { m.Role = staff.Admin }

// The last admin who can sign in must stay one. Members who can't sign in don't count.
func TestLastAdminStays(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, ctx := db.Open(t), t.Context()
		ada := addMember(t, s, member("ada", admin))
		ben := addMember(t, s, member("ben", admin))
		addMember(t, s, member("disabled", admin, func(m *staff.Member) { m.Active = false }))
		invited := addMember(t, s, member("invited", admin, func(m *staff.Member) { m.PasswordHash = "" }))
		arno := addMember(t, s, member("arno"))
		for _, c := range []struct {
			what      string
			got, want error
		}{
			{"an admin, of two", s.SetMemberRole(ctx, ada.ID, staff.Viewer), nil},
			{"the last one's role", s.SetMemberRole(ctx, ben.ID, staff.Agent), staff.ErrLastAdmin},
			{"the last one", s.SetMemberActive(ctx, ben.ID, false), staff.ErrLastAdmin},
			{"the last one, to be one", s.SetMemberRole(ctx, ben.ID, staff.Admin), nil},
			{"one who can't sign in", s.SetMemberRole(ctx, invited.ID, staff.Viewer), nil},
			{"somebody else", s.SetMemberActive(ctx, arno.ID, false), nil},
			{"nobody", s.SetMemberActive(ctx, uuid.New(), false), reset.ErrNotFound},
			{"the last one, being enabled", s.SetMemberActive(ctx, ben.ID, true), nil},
		} {
			if !errors.Is(c.got, c.want) {
				t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
			}
		}
		if got, err := s.MemberByID(ctx, ben.ID); err != nil || got.Role != staff.Admin || !got.Active {
			t.Errorf("the last admin is %s, active: %t (%v)", got.Role, got.Active, err)
		}
	})
}

// Of admins who end each other's role at the same time, one must stay.
func TestConcurrentAdminsLeaveOne(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		for round := range 10 {
			var admins []staff.Member
			for _, name := range []string{"ada", "ben", "cleo", "dan"} {
				admins = append(admins, addMember(t, s, member(name, admin)))
			}
			var wg sync.WaitGroup
			var refused atomic.Int32
			for i, m := range admins {
				wg.Go(func() {
					err := s.SetMemberRole(t.Context(), m.ID, staff.Agent)
					if i%2 == 0 {
						err = s.SetMemberActive(t.Context(), m.ID, false)
					}
					switch {
					case errors.Is(err, staff.ErrLastAdmin):
						refused.Add(1)
					case err != nil:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if n := db.Text(t, `SELECT count(*) FROM reset_staff WHERE role = 'admin' AND active`); n != "1" || refused.Load() == 0 {
				t.Fatalf("round %d: %s admins are left, and %d changes were refused; want 1 and at least 1", round, n, refused.Load())
			}
			db.SQL(t, `DELETE FROM reset_staff`)
		}
	})
}

// linked adds a member with a link that expires after a minute.
func linked(t *testing.T, s *store.Store, name string) staff.Member {
	t.Helper()
	return addMember(t, s, member(name, func(m *staff.Member) {
		m.PasswordHash, m.TOTP = "", ""
		m.Link = staff.Link{ID: uuid.New(), ExpiresAt: m.CreatedAt.Add(time.Minute)}
	}))
}

func TestMemberLinkWorksOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, ctx, now := db.Open(t), t.Context(), testkit.NewClock().Now()
		m, other := linked(t, s, "arno"), linked(t, s, "other")
		db.SQL(t, `INSERT INTO reset_staff_sessions (token_hash, staff_id, data, expires_at) VALUES ('a', '`+m.ID.String()+`', '{}', '2031-05-06 07:10:00.000000+00:00')`)
		chosen := staff.Credentials{PasswordHash: "chosen", TOTP: "sealed", Step: 7}
		var used atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := s.UseMemberLink(ctx, m.Link.ID, now, chosen)
				if err == nil {
					used.Add(1)
				} else if !errors.Is(err, reset.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if used.Load() != 1 {
			t.Errorf("used %d times, want once", used.Load())
		}
		got, err := s.MemberByLink(ctx, m.Link.ID)
		must(t, err)
		want := m
		want.PasswordHash, want.TOTP, want.TOTPStep, want.Link.UsedAt = "chosen", "sealed", 7, now
		sameMember(t, got, want)
		if n := db.Text(t, `SELECT count(*) FROM reset_staff_sessions`); n != "0" {
			t.Errorf("%s sessions are left", n)
		}
		unchanged, err := s.MemberByID(ctx, other.ID)
		must(t, err)
		sameMember(t, unchanged, other)
	})
}

func TestDeadMemberLinksAreRefused(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, ctx, now := db.Open(t), t.Context(), testkit.NewClock().Now()
		expired, replaced, ended := linked(t, s, "expired"), linked(t, s, "replaced"), linked(t, s, "ended")
		newer := uuid.New()
		for _, err := range []error{
			s.SetMemberLink(ctx, replaced.ID, newer, now.Add(time.Hour)), s.SetMemberActive(ctx, ended.ID, false), s.SetMemberActive(ctx, ended.ID, true),
		} {
			must(t, err)
		}
		for what, use := range map[string]error{
			"unknown":  s.UseMemberLink(ctx, uuid.New(), now, staff.Credentials{PasswordHash: "x", TOTP: "x"}),
			"expired":  s.UseMemberLink(ctx, expired.Link.ID, expired.Link.ExpiresAt, staff.Credentials{PasswordHash: "x", TOTP: "x"}),
			"replaced": s.UseMemberLink(ctx, replaced.Link.ID, now, staff.Credentials{PasswordHash: "x", TOTP: "x"}),
			"ended":    s.UseMemberLink(ctx, ended.Link.ID, now, staff.Credentials{PasswordHash: "x", TOTP: "x"}),
		} {
			if !errors.Is(use, reset.ErrNotFound) {
				t.Errorf("%s: got %v, want %v", what, use, reset.ErrNotFound)
			}
		}
		if err := s.UseMemberLink(ctx, newer, now, staff.Credentials{PasswordHash: "x", TOTP: "x"}); err != nil {
			t.Errorf("the newest link: %v", err)
		}
		must(t, s.SetMemberActive(ctx, replaced.ID, false))
		if err := s.SetMemberLink(ctx, replaced.ID, uuid.New(), now); !errors.Is(err, reset.ErrNotFound) {
			t.Errorf("a link for a disabled member: got %v", err)
		}
	})
}
