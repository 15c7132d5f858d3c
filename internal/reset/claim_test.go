package reset_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// faulty is a store whose process may die around the commit of the accounts.
type faulty struct {
	*store.Store
	around func(commit func() error) error
}

func (f faulty) InAccounts(ctx context.Context, run func(reset.Directory) error) error {
	return f.around(func() error { return f.Store.InAccounts(ctx, run) })
}

// pair is a world whose accounts are in another database.
type pair struct {
	world
	accounts testkit.Database
}

func eachPair(t *testing.T, test func(w pair)) {
	testkit.EachPair(t, func(t *testing.T, a testkit.Pair) {
		w := pair{world{T: t, db: a.Record, store: a.Open(t), clock: testkit.NewClock()}, a.Accounts}
		var err error
		if w.hasher, err = password.NewHasher(password.Config{Params: password.OWASP, Scheme: password.Scheme{Format: "bcrypt", Cost: 10, Prepare: password.None}}); err != nil {
			t.Fatal(err)
		}
		w.resets = w.service()
		test(w)
	})
}

// around returns a service that does something around the commit of the accounts.
func (w pair) around(do func(commit func() error) error) *reset.Service {
	return w.service(func(cfg *reset.Config) { cfg.Store = faulty{w.store, do} })
}

// The ways in which a process dies around the commit.
func beforeCommit(func() error) error { panic("killed") }

func afterCommit(commit func() error) error {
	_ = commit()
	panic("killed")
}

// dies runs f in a process that dies.
func (w pair) dies(f func()) {
	w.Helper()
	defer func() {
		if recover() == nil {
			w.Error("the process goes on")
		}
	}()
	f()
}

func (w pair) use(s *reset.Service, id reset.ID, plain string) error {
	return s.Use(w.Context(), id, plain, plain, testkit.Visitor)
}

func (w pair) useAndDie(at func(func() error) error, id reset.ID) {
	w.Helper()
	w.dies(func() { _ = w.use(w.around(at), id, newPassword) })
}

// resolve does what every instance does a moment later.
func (w pair) resolve() {
	w.Helper()
	w.clock.Add(20 * time.Second)
	w.must(w.resets.ResolveClaims(w.Context()))
}

func (w pair) row(id reset.ID) reset.Reset {
	w.Helper()
	r, err := w.store.Reset(w.Context(), id)
	w.must(err)
	return r
}

func (w pair) wantText(db testkit.Database, query, want string) {
	w.Helper()
	if got := db.Text(w.T, query); got != want {
		w.Errorf("%s: got %s, want %s", query, got, want)
	}
}

// wantSet checks that a password and the end of the sessions belong together.
func (w pair) wantSet(plain string, changes int) {
	w.Helper()
	right, err := w.hasher.Verify(w.Context(), password.ForReset, w.stored("1"), plain)
	w.must(err)
	if !right {
		w.Errorf("the password is not %q", plain)
	}
	w.wantText(w.accounts, `SELECT changes FROM members`, fmt.Sprint(changes))
	w.wantText(w.accounts, `SELECT count(*) FROM member_sessions`, map[bool]string{true: "1", false: "0"}[changes == 0])
}

func (w pair) wantClaims(n int) {
	w.Helper()
	w.wantText(w.db, `SELECT count(*) FROM reset_claims`, fmt.Sprint(n))
}

func (w pair) wantNotices(n int) {
	w.Helper()
	w.wantText(w.db, `SELECT count(*) FROM reset_deliveries WHERE kind = 'password_changed'`, fmt.Sprint(n))
}

func TestUseSetsAPasswordInAnotherDatabase(t *testing.T) {
	eachPair(t, func(w pair) {
		id, other := w.link("user@example.org"), w.link("user@example.org")
		w.must(w.use(w.resets, id, newPassword))
		if r, o := w.row(id), w.row(other); r.UsedByIP != testkit.Visitor.IP || o.RevokedBy != reset.RevokedOtherLink {
			w.Errorf("got %+v and %+v", r, o)
		}
		w.wantSet(newPassword, 1)
		w.wantClaims(0)
		w.wantNotices(1)
		w.must(w.use(w.resets, id, newPassword)) // a double click
		w.want(w.use(w.resets, id, "another walrus"), reset.ErrUsed)
	})
}

func TestOneOfManyUsesWinsInAnotherDatabase(t *testing.T) {
	eachPair(t, func(w pair) {
		id := w.link("user@example.org")
		errs := make([]error, 12)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { errs[i] = w.use(w.resets, id, fmt.Sprint("an otter in the attic ", i)) })
		}
		wg.Wait()
		won := -1
		for i, err := range errs {
			if err == nil && won < 0 {
				won = i
			} else {
				w.want(err, reset.ErrUsed)
			}
		}
		w.wantSet(fmt.Sprint("an otter in the attic ", won), 1)
		w.wantClaims(0)
	})
}

// The process dies after the accounts' commit: any other finishes the use.
func TestUseOfADeadProcessIsFinished(t *testing.T) {
	for name, finish := range map[string]func(w pair, id reset.ID){
		"later":           func(w pair, _ reset.ID) { w.resolve() },
		"by a second try": func(w pair, id reset.ID) { w.must(w.use(w.resets, id, newPassword)) },
		"by opening": func(w pair, id reset.ID) {
			_, err := w.resets.Show(w.Context(), id)
			w.want(err, reset.ErrUsed)
		},
		"after staff ended the link": func(w pair, id reset.ID) {
			w.must(w.resets.RevokeBy(w.Context(), id, "staff:agent"))
			w.resolve()
		},
		"before another link is used": func(w pair, _ reset.ID) {
			w.clock.Add(time.Second)
			w.must(w.use(w.resets, w.link("user@example.org"), "another walrus"))
			w.wantSet("another walrus", 2)
			w.wantNotices(2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachPair(t, func(w pair) {
				id := w.link("user@example.org")
				now := w.clock.Now()
				w.useAndDie(afterCommit, id)
				w.wantClaims(1)
				finish(w, id)
				if r := w.row(id); !r.UsedAt.Equal(now) || r.UsedByAgent != testkit.Visitor.Agent {
					w.Errorf("got %+v, want the use of the dead process", r)
				}
				w.wantClaims(0)
				if name != "before another link is used" {
					w.wantSet(newPassword, 1)
					w.wantNotices(1)
				}
			})
		})
	}
}

// The process dies before the commit: the link stays valid.
func TestUseOfADeadProcessThatSetNothing(t *testing.T) {
	eachPair(t, func(w pair) {
		id := w.link("user@example.org")
		w.useAndDie(beforeCommit, id)
		w.resolve()
		w.wantSet(oldPassword, 0)
		w.wantClaims(1) // to recognise a late commit
		_, err := w.resets.Show(w.Context(), id)
		w.must(err)
		w.must(w.use(w.resets, id, "another walrus"))
		w.wantSet("another walrus", 1)
		w.wantClaims(0)
		w.wantNotices(1)
	})
}

// A commit that nobody confirmed may come later.
func TestLateCommitIsRecognised(t *testing.T) {
	eachPair(t, func(w pair) {
		id := w.link("user@example.org")
		var late string
		err := w.use(w.around(func(commit func() error) error {
			w.must(commit())
			late = w.stored("1")
			w.accounts.SQL(w.T, `UPDATE members SET password_hash = '`+testkit.PasswordHash+`', changes = 0`, `INSERT INTO member_sessions VALUES (2, 1)`)
			return reset.ErrUncertain
		}), id, newPassword)
		w.want(err, reset.ErrUnavailable)
		w.resolve()
		_, err = w.resets.Show(w.Context(), id)
		w.must(err)
		w.accounts.SQL(w.T, `UPDATE members SET password_hash = '`+late+`', changes = 1`, `DELETE FROM member_sessions`)
		w.resolve()
		if r := w.row(id); r.UsedAt.IsZero() {
			w.Errorf("got %+v, want a used link", r)
		}
		w.wantSet(newPassword, 1)
		w.wantClaims(0)
		w.wantNotices(1)
	})
}

func TestClaimIsForgottenAfterItsLink(t *testing.T) {
	eachPair(t, func(w pair) {
		w.useAndDie(beforeCommit, w.link("user@example.org"))
		w.clock.Add(time.Hour)
		w.resolve()
		w.wantClaims(0)
		w.wantSet(oldPassword, 0)
	})
}

// Somebody else changed the password before it was known what became of ours.
func TestUnknownOutcomeIsReported(t *testing.T) {
	for name, statement := range map[string]string{
		"changed": `UPDATE members SET password_hash = 'another'`,
		"deleted": `DELETE FROM members`,
	} {
		for at, die := range map[string]func(func() error) error{"before": beforeCommit, "after": afterCommit} {
			t.Run(name+" "+at, func(t *testing.T) {
				eachPair(t, func(w pair) {
					id := w.link("user@example.org")
					w.useAndDie(die, id)
					w.accounts.SQL(w.T, statement)
					w.resolve()
					if r := w.row(id); r.RevokedBy != reset.RevokedAccountChanged || !r.UsedAt.IsZero() {
						w.Errorf("got %+v, want a revoked link", r)
					}
					w.wantText(w.db, `SELECT count(*) FROM reset_events WHERE kind = 'outcome_unknown' AND reset_id IS NOT NULL`, "1")
					w.wantNotices(map[string]int{"changed": 1, "deleted": 0}[name])
					w.wantClaims(0)
				})
			})
		}
	}
}

// A visitor tries again and again while processes die. One email reports all of it.
func TestUnknownOutcomeOfManyTriesIsReportedOnce(t *testing.T) {
	eachPair(t, func(w pair) {
		id := w.link("user@example.org")
		for range 3 {
			w.useAndDie(beforeCommit, id)
			w.clock.Add(20 * time.Second)
		}
		w.wantClaims(3) // left
		w.useAndDie(beforeCommit, id)
		w.accounts.SQL(w.T, `UPDATE members SET password_hash = 'another'`)
		w.must(w.resets.ResolveClaims(w.Context())) // while the last claim is held
		w.resolve()
		w.wantText(w.db, `SELECT count(*) FROM reset_events WHERE kind = 'outcome_unknown'`, "1")
		w.wantNotices(1)
		w.wantClaims(0)
	})
}

// A failed statement changes nothing and leaves nothing behind.
func TestFailedUseInAnotherDatabaseKeepsTheLink(t *testing.T) {
	eachPair(t, func(w pair) {
		id := w.link("user@example.org")
		w.accounts.SQL(w.T, `DROP TABLE member_sessions`)
		w.want(w.use(w.resets, id, newPassword), reset.ErrAccounts)
		w.wantClaims(0)
		w.wantText(w.accounts, `SELECT changes FROM members`, "0")
		if r := w.row(id); r.Status(w.clock.Now()) != reset.StatusPending {
			w.Errorf("got %+v, want a live link", r)
		}
	})
}

// A procedure on MariaDB may commit what nobody can roll back any more. What it did is
// recorded as after a crash.
func TestUseWithAProcedureThatCommits(t *testing.T) {
	eachPair(t, func(w pair) {
		if w.accounts.Name != "mysql" {
			return
		}
		w.accounts.SQL(w.T, `CREATE PROCEDURE sets(i int, h text, o text) BEGIN START TRANSACTION; UPDATE members SET password_hash = h WHERE id = i AND password_hash = o; COMMIT; END`)
		directory, err := accounts.Parse([]byte(strings.Replace(testkit.ApplicationAccounts, "UPDATE members SET password_hash = $2 WHERE id = $1 AND password_hash = $3", "CALL sets($1, $2, $3)", 1)))
		w.must(err)
		w.store, err = store.OpenWithAccounts(w.db.URL, w.accounts.URL, directory)
		w.must(err)
		defer func() { _ = w.store.Close() }()
		w.resets = w.service()
		id := w.link("user@example.org")
		w.accounts.SQL(w.T, `DROP TABLE member_sessions`) // so after_reset fails
		w.want(w.use(w.resets, id, newPassword), reset.ErrUncertain)
		w.wantClaims(1)
		w.resolve()
		if w.row(id).UsedAt.IsZero() {
			w.Errorf("got %+v, want a used link", w.row(id))
		}
		w.wantClaims(0)
		w.wantNotices(1)
	})
}

// While the accounts' database is unavailable, links can be requested, and links stay
// valid.
func TestAccountsThatDoNotAnswer(t *testing.T) {
	eachPair(t, func(w pair) {
		id := w.link("user@example.org")
		down := testkit.Pair{Record: w.db, Accounts: testkit.Database{Name: "mysql", URL: "mysql://nobody@127.0.0.1:1/none"}}.Open(w.T)
		s := w.service(func(cfg *reset.Config) { cfg.Store, cfg.Intake = down, testkit.Intake{Store: down} })
		w.must(s.Request(w.Context(), testkit.Address(w, "user@example.org"), testkit.Visitor, ""))
		w.want(w.use(s, id, newPassword), reset.ErrUnavailable)
		w.want(s.ResolveClaims(w.Context()), nil)
		if mails := w.due(); len(mails) != 1 {
			w.Errorf("%d emails, want one after the end of the outage", len(mails))
		}
		w.must(w.use(w.resets, id, newPassword))
	})
}

// A step that takes too long is the database's fault, not a visitor who has gone.
func TestSlowStepIsAnOutage(t *testing.T) {
	eachPair(t, func(w pair) {
		for _, fault := range []error{context.Canceled, fmt.Errorf("%w: %w", reset.ErrUncertain, context.Canceled)} {
			err := w.use(w.around(func(func() error) error { return fault }), w.link("user@example.org"), newPassword)
			w.want(err, reset.ErrUnavailable)
			if errors.Is(err, context.Canceled) {
				w.Errorf("got %v", err)
			}
		}
	})
}
