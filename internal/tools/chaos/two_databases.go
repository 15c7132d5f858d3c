package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"resetd/internal/password"
	"resetd/internal/testkit"
	"resetd/internal/testkit/mariadb"
)

// withMariaDB is the end of the name of a database whose accounts are in MariaDB.
const withMariaDB = " with MariaDB"

// members are the accounts of an application. Triggers, which resetd does not know, keep
// every hash that was ever set.
var members = []string{
	`CREATE TABLE members (id integer NOT NULL PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, name varchar(255) NOT NULL,
		password_hash varchar(255) NOT NULL, ended integer NOT NULL DEFAULT 0)`,
	`CREATE TABLE member_changes (id integer NOT NULL PRIMARY KEY AUTO_INCREMENT, member_id integer NOT NULL, hash varchar(255) NOT NULL)`,
	`CREATE TRIGGER members_changed AFTER UPDATE ON members FOR EACH ROW
		INSERT INTO member_changes (member_id, hash) SELECT NEW.id, NEW.password_hash FROM DUAL WHERE NEW.password_hash <> OLD.password_hash`,
}

const directory = `
	hash          = "argon2id"
	prepare       = "none"
	find          = "SELECT id, email, name, password_hash, true AS active FROM members WHERE email IN ($1, $2, $3)"
	get           = "SELECT id, email, name, password_hash, true AS active FROM members WHERE id = $1"
	set_password  = "UPDATE members SET password_hash = $2 WHERE id = $1 AND password_hash = $3"
	after_reset   = ["UPDATE members SET ended = ended + 1 WHERE id = $1"]
	ends_sessions = true`

// prepareMembers starts MariaDB with the accounts, and names it in the settings.
func (t *trial) prepareMembers(ctx context.Context) (err error) {
	if t.maria, err = mariadb.Start(ctx, true); err != nil {
		return err
	}
	server, err := testkit.Connect(t.maria.URL("mysql"))
	if err != nil {
		return err
	}
	_, err = server.ExecContext(ctx, `CREATE DATABASE app`)
	if err := errors.Join(err, server.Close()); err != nil {
		return err
	}
	if t.accountsDB, err = testkit.Connect(t.maria.URL("app")); err != nil {
		return err
	}
	for _, statement := range members {
		if _, err := t.accountsDB.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for i := range accountCount {
		if _, err := t.accountsDB.ExecContext(ctx, `INSERT INTO members (id, email, name, password_hash) VALUES (?, ?, '', ?)`, i, testkit.Email(i), testkit.PasswordHash); err != nil {
			return err
		}
	}
	file := filepath.Join(t.dir, "members.toml")
	t.env["RESETD_ACCOUNTS"], t.env["RESETD_ACCOUNTS_DATABASE_URL"], t.env["RESETD_LOGIN_URL"] = file, t.maria.URL("app"), "https://example.org/login"
	t.twoDatabases, t.askers, t.visitors = true, 6, 16
	return os.WriteFile(file, []byte(directory), 0o600)
}

// killAtCommits kills the process at moments around the commits, in turns soon after a
// claim was stored and soon after a form was sent. While the process is dead, the
// application sometimes sets a password itself.
func (t *trial) killAtCommits(ctx context.Context) error {
	hasher, err := password.NewHasher(password.Config{Params: password.Params{MemoryKiB: 7168, Passes: 5, Threads: 1}})
	if err != nil {
		return err
	}
	for i := range t.kills {
		if i%2 == 0 {
			t.awaitClaim(ctx)
			wait(ctx, within(t.rng, 8*time.Millisecond))
		} else {
			t.awaitPost(ctx)
			wait(ctx, within(t.rng, 150*time.Millisecond))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.servers[0].Kill()
		t.cause("kill")
		if err := t.changeAsApplication(ctx, hasher); err != nil {
			return err
		}
		if err := t.restart(ctx, t.servers[0]); err != nil {
			return err
		}
	}
	return nil
}

func (t *trial) awaitClaim(ctx context.Context) {
	for start := time.Now(); time.Since(start) < time.Second && ctx.Err() == nil; wait(ctx, time.Millisecond) {
		if fresh, err := t.newClaims(ctx); err != nil || len(fresh) > 0 {
			return
		}
	}
}

type claim struct {
	ID     string `db:"id"`
	UserID string `db:"user_id"`
}

// newClaims returns the claims that no earlier kill left behind.
func (t *trial) newClaims(ctx context.Context) ([]claim, error) {
	var all []claim
	err := t.db.SelectContext(ctx, &all, `SELECT CAST(id AS text) AS id, user_id FROM reset_claims`)
	return slices.DeleteFunc(all, func(c claim) bool { return t.old[c.ID] }), err
}

func (t *trial) awaitPost(ctx context.Context) {
	select {
	case <-t.posting:
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
}

// changeAsApplication counts the kills that left a claim behind. After one in five of
// them the application sets another password.
func (t *trial) changeAsApplication(ctx context.Context, hasher *password.Hasher) error {
	left, err := t.newClaims(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	t.left++
	for _, c := range left {
		t.old[c.ID] = true
	}
	if t.rng.IntN(5) > 0 {
		return nil
	}
	hash, err := hasher.Hash(ctx, password.ForReset, fmt.Sprint("set by the application ", t.rng.Uint64()))
	if err != nil {
		return err
	}
	t.own[hash] = true
	_, err = t.accountsDB.ExecContext(ctx, `UPDATE members SET password_hash = ? WHERE id = ?`, hash, left[0].UserID)
	return err
}

// change is a hash that was set.
type change struct {
	Member string `db:"member_id"`
	Hash   string `db:"hash"`
}

// verifyMembers compares the accounts with the record: each used link has set its
// password, each password that was set is in the record, and sessions ended exactly where
// one was set.
func (t *trial) verifyMembers(ctx context.Context, r record) error {
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP})
	if err != nil {
		return err
	}
	var changes []change
	var accounts []struct {
		ID    string `db:"id"`
		Ended int    `db:"ended"`
	}
	err = errors.Join(t.accountsDB.SelectContext(ctx, &changes, `SELECT member_id, hash FROM member_changes ORDER BY id`),
		t.accountsDB.SelectContext(ctx, &accounts, `SELECT id, ended FROM members`))
	if err != nil {
		return err
	}
	set := map[string][]string{} // by member
	for _, c := range changes {
		if !t.own[c.Hash] {
			set[c.Member] = append(set[c.Member], c.Hash)
		}
	}
	for _, a := range accounts {
		if a.Ended != len(set[a.ID]) {
			t.ledger.fault(other, "account %s: %d passwords were set, and its sessions ended %d times", a.ID, len(set[a.ID]), a.Ended)
		}
	}
	for _, x := range r.resets {
		if x.Used || x.Unknown {
			if err := t.verifySet(ctx, hasher, x, set); err != nil {
				return err
			}
		}
	}
	for member, hashes := range set {
		if len(hashes) > 0 {
			t.ledger.fault(wrongPassword, "account %s: %d passwords were set without a trace in the record", member, len(hashes))
		}
	}
	return nil
}

// verifySet finds the password of a link among those that were set, and removes it.
func (t *trial) verifySet(ctx context.Context, hasher *password.Hasher, x row, set map[string][]string) error {
	winner := number(x.UseAgent, useAgent)
	for i, hash := range set[x.UserID] {
		for n, p := range t.ledger.posts {
			if p.link != x.ID || x.Used && n != winner {
				continue
			}
			right, err := hasher.Verify(ctx, password.ForReset, hash, p.password)
			if err != nil {
				return err
			}
			if right {
				set[x.UserID] = append(set[x.UserID][:i:i], set[x.UserID][i+1:]...)
				return nil
			}
		}
	}
	if x.Used {
		t.ledger.fault(wrongPassword, "link %s is used, and its password was not set", x.ID)
	}
	return nil
}
