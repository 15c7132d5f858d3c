package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// member returns a member with defaults. A test changes only its subject.
func member(name string, change ...func(*staff.Member)) staff.Member {
	m := staff.Member{
		ID: uuid.New(), Name: name, Role: staff.Agent, PasswordHash: "hash", TOTP: "sealed", Active: true,
		CreatedAt: testkit.NewClock().Now(),
	}
	for _, f := range change {
		f(&m)
	}
	return m
}

func addMember(t *testing.T, s *store.Store, m staff.Member) staff.Member {
	t.Helper()
	must(t, s.AddMember(t.Context(), m))
	return m
}

// sameMember compares all fields. A printed member is only a name.
func sameMember(t *testing.T, got, want staff.Member) {
	t.Helper()
	type plain staff.Member
	if diff := cmp.Diff(plain(want), plain(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMemberNamesIgnoreCase(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		one := addMember(t, s, member("Agent.One"))
		plain := addMember(t, s, member("admin", func(m *staff.Member) { m.TOTP, m.Role, m.Active = "", staff.Admin, false }))
		if err := s.AddMember(t.Context(), member("AGENT.one")); !errors.Is(err, staff.ErrTaken) {
			t.Errorf("a second one: got %v, want %v", err, staff.ErrTaken)
		}
		for _, name := range []string{"Agent.One", "agent.one", "AGENT.ONE"} {
			got, err := s.Member(t.Context(), name)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			sameMember(t, got, one)
		}
		got, err := s.MemberByID(t.Context(), plain.ID)
		must(t, err)
		sameMember(t, got, plain)
		all, err := s.Members(t.Context())
		if err != nil || len(all) != 2 || all[0].Name != "admin" || all[1].Name != "Agent.One" {
			t.Errorf("got %v (%v), want admin, Agent.One", all, err)
		}
		_, byName := s.Member(t.Context(), "%")
		_, byID := s.MemberByID(t.Context(), uuid.New())
		if !errors.Is(byName, reset.ErrNotFound) || !errors.Is(byID, reset.ErrNotFound) {
			t.Errorf("unknown: got %v and %v", byName, byID)
		}
	})
}

// A change must leave the other fields and members alone, and end the member's
// sessions if it concerns the sign-in.
func TestMemberChangesAffectOnlyTheirField(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, ctx := db.Open(t), t.Context()
		for name, c := range map[string]struct {
			do   func(id reset.ID) error
			want func(*staff.Member)
			left string // sessions of the member
		}{
			"role":     {func(id reset.ID) error { return s.SetMemberRole(ctx, id, staff.Admin) }, func(m *staff.Member) { m.Role = staff.Admin }, "2"},
			"password": {func(id reset.ID) error { return s.SetMemberPassword(ctx, id, "new", "") }, func(m *staff.Member) { m.PasswordHash = "new" }, "0"},
			"totp":     {func(id reset.ID) error { return s.SetMemberTOTP(ctx, id, "new", 5) }, func(m *staff.Member) { m.TOTP, m.TOTPStep = "new", 5 }, "0"},
			"disable":  {func(id reset.ID) error { return s.SetMemberActive(ctx, id, false) }, func(m *staff.Member) { m.Active = false }, "0"},
			"enable":   {func(id reset.ID) error { return s.SetMemberActive(ctx, id, true) }, func(m *staff.Member) { m.Active = true }, "2"},
		} {
			m := addMember(t, s, member(name, func(m *staff.Member) { m.TOTPStep, m.Active = 7, name != "enable" }))
			other := addMember(t, s, member("not-"+name))
			for i, id := range []reset.ID{m.ID, m.ID, other.ID} {
				db.SQL(t, fmt.Sprintf(`INSERT INTO reset_staff_sessions (token_hash, staff_id, data, expires_at)
					VALUES ('%s%d', '%s', '{}', '2031-05-06 07:10:00.000000+00:00')`, name, i, id))
			}
			if err := c.do(m.ID); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := s.MemberByID(ctx, m.ID)
			must(t, err)
			c.want(&m)
			sameMember(t, got, m)
			unchanged, err := s.MemberByID(ctx, other.ID)
			must(t, err)
			sameMember(t, unchanged, other)
			sessions := func(id reset.ID) string {
				return db.Text(t, fmt.Sprintf(`SELECT count(*) FROM reset_staff_sessions WHERE staff_id = '%s'`, id))
			}
			if sessions(m.ID) != c.left || sessions(other.ID) != "1" {
				t.Errorf("%s: %s sessions are left, and %s of another member; want %s and 1", name, sessions(m.ID), sessions(other.ID), c.left)
			}
			if err := c.do(uuid.New()); !errors.Is(err, reset.ErrNotFound) {
				t.Errorf("%s of an unknown member: got %v, want %v", name, err, reset.ErrNotFound)
			}
		}
	})
}

func TestConcurrentTOTPStepIsTakenOnce(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		m, other := addMember(t, s, member("agent")), addMember(t, s, member("other"))
		take := func(m staff.Member, step int64) bool {
			took, err := s.TakeStep(t.Context(), m, step, m.TOTP)
			if err != nil {
				t.Error(err)
			}
			return took
		}
		for step := int64(100); step < 105; step++ {
			var taken atomic.Int32
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if take(m, step) {
						taken.Add(1)
					}
				})
			}
			wg.Wait()
			if taken.Load() != 1 {
				t.Errorf("step %d was taken %d times, want once", step, taken.Load())
			}
		}
		if take(m, 103) || !take(other, 103) || take(member("nobody"), 103) {
			t.Error("want an older step refused, another member's step taken, an unknown member's step refused")
		}
		issued := m
		issued.TOTP = "before"
		if take(issued, 200) {
			t.Error("want a step refused after the secret was replaced")
		}
		if got, _ := s.MemberByID(t.Context(), m.ID); got.TOTPStep != 104 {
			t.Errorf("the last step is %d, want 104", got.TOTPStep)
		}
	})
}

func TestConstraintsRefuseImpossibleMembers(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		at := testkit.NewClock().Now()
		for name, wrong := range map[string]func(*staff.Member){
			"no name":                   func(m *staff.Member) { m.Name = "" },
			"a role":                    func(m *staff.Member) { m.Role = "king" },
			"no role":                   func(m *staff.Member) { m.Role = "" },
			"a link that never expires": func(m *staff.Member) { m.Link.ID = uuid.New() },
			"an expiry without a link":  func(m *staff.Member) { m.Link.ExpiresAt = at },
			"a used link that is gone":  func(m *staff.Member) { m.Link.UsedAt = at },
			"a used link, but no password": func(m *staff.Member) {
				m.PasswordHash, m.Link = "", staff.Link{ID: uuid.New(), ExpiresAt: at, UsedAt: at}
			},
		} {
			if err := s.AddMember(t.Context(), member("agent", wrong)); err == nil {
				t.Errorf("%s: the database accepted it", name)
			}
		}
		m := addMember(t, s, member("agent"))
		session := `INSERT INTO reset_staff_sessions (token_hash, staff_id, data, expires_at) VALUES ('%s', '%s', '{}', '2031-05-06 07:10:00.000000+00:00')`
		if err := db.TrySQL(t, fmt.Sprintf(session, "a", uuid.New())); err == nil {
			t.Error("a session without a member was accepted")
		}
		db.SQL(t, fmt.Sprintf(session, "b", m.ID), `DELETE FROM reset_staff`)
		if n := db.Text(t, `SELECT count(*) FROM reset_staff_sessions`); n != "0" {
			t.Errorf("%s sessions are left after their member was deleted", n)
		}
	})
}

// Sessions of accounts and of staff are in separate tables.
func TestEndSessionsKeepsStaffSessions(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		a := testkit.AddUser(t, s, "user@example.org", "hash")
		m := addMember(t, s, member("agent", func(m *staff.Member) { m.ID = uuid.MustParse(a.ID) })) // the worst case
		at := `'{}', '2031-05-06 07:10:00.000000+00:00'`
		db.SQL(t, fmt.Sprintf(`INSERT INTO reset_staff_sessions (token_hash, staff_id, data, expires_at) VALUES ('a', '%s', %s)`, m.ID, at),
			fmt.Sprintf(`INSERT INTO reset_sessions (token_hash, user_id, data, expires_at) VALUES ('a', '%s', %s)`, a.ID, at))
		must(t, s.EndSessions(t.Context(), a, time.Now()))
		if n := db.Text(t, `SELECT count(*) FROM reset_staff_sessions`); n != "1" {
			t.Errorf("%s sessions of staff are left, want 1", n)
		}
	})
}
