package store_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"testing"
	"time"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store/inspect"
	"resetd/internal/testkit"
)

// cell is a preset with its options on real tables with few rows: user@example.org may
// sign in; away@example.org, if it exists, may not.
type cell struct {
	spec  string // RESETD_ACCOUNTS
	file  string // of the tables, if not the preset's
	rows  string // %s is the hash
	hash  string // of wonderland; "": bcrypt's
	sets  string // the prefix of a new hash
	ended map[string]string
}

const (
	first  = "00000000-0000-4000-8000-000000000001"
	second = "00000000-0000-4000-8000-000000000002"
)

var cells = []cell{
	{
		spec: "django,table=people_person,email,drf-tokens", file: "django-person", sets: "pbkdf2_sha256$600000$", hash: hashOfWonderland["django"],
		rows: `INSERT INTO people_person (id, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined) VALUES
			('00000000000040008000000000000001', 'user@example.org', '%[1]s', true, false, false, 'Example', 'User', '2026-01-01'), ('00000000000040008000000000000002', 'away@example.org', '%[1]s', false, false, false, '', '', '2026-01-01');
			CREATE TABLE authtoken_token AS SELECT id AS user_id FROM people_person`,
		ended: map[string]string{`SELECT count(*) FROM authtoken_token`: "1"},
	},
	{
		spec: "devise,lockable,confirmable,soft-delete,table=members,deleted=discarded_at", file: "devise-all", sets: "$2a$12$",
		rows: `INSERT INTO members (id, email, encrypted_password, confirmed_at, discarded_at, locked_at, unlock_token, failed_attempts, created_at, updated_at) VALUES
			(1, 'user@example.org', '%[1]s', '2026-01-01', NULL, '2026-01-01', 'token', 20, '2026-01-01', '2026-01-01'),
			(2, 'away@example.org', '%[1]s', '2026-01-01', '2026-01-01', NULL, NULL, 0, '2026-01-01', '2026-01-01')`,
		ended: map[string]string{`SELECT count(*) FROM members WHERE id = 1 AND locked_at IS NULL AND unlock_token IS NULL AND failed_attempts = 0`: "1"},
	},
	{
		spec: "rails", sets: "$2a$12$",
		rows: `INSERT INTO users (id, email_address, password_digest, created_at, updated_at) VALUES (1, 'user@example.org', '%[1]s', '2026-01-01', '2026-01-01'), (2, 'other@example.org', '%[1]s', '2026-01-01', '2026-01-01');
			INSERT INTO sessions (id, user_id, created_at, updated_at) VALUES (1, 1, '2026-01-01', '2026-01-01'), (2, 2, '2026-01-01', '2026-01-01')`,
		ended: map[string]string{`SELECT min(user_id) FROM sessions`: "2"},
	},
	{
		spec: "phoenix,confirmed", sets: "$2b$10$",
		rows: `INSERT INTO users (id, email, hashed_password, confirmed_at, inserted_at, updated_at) VALUES (1, 'user@example.org', '%[1]s', '2026-01-01', '2026-01-01', '2026-01-01'), (2, 'away@example.org', '%[1]s', NULL, '2026-01-01', '2026-01-01');
			INSERT INTO users_tokens (id, user_id, token, context, inserted_at) VALUES (1, 1, '1', 'session', '2026-01-01'), (2, 1, '2', 'reset_password', '2026-01-01'), (3, 2, '3', 'session', '2026-01-01')`,
		ended: map[string]string{`SELECT min(user_id) FROM users_tokens`: "2"},
	},
	{spec: "prisma", sets: "$2b$10$", rows: `INSERT INTO "User" (id, email, name, password) VALUES (1, 'user@example.org', 'Example', '%s')`},
	{spec: "prisma,table=User", file: "prisma-mysql", sets: "$2b$10$", rows: `INSERT INTO User (id, email, name, password) VALUES (1, 'user@example.org', 'Example', '%s')`},
	{
		spec: "symfony,verified,reset-bundle", sets: "$2y$10$",
		rows: `INSERT INTO "user" (id, email, roles, password, is_verified) VALUES (1, 'user@example.org', '[]', '%[1]s', true), (2, 'away@example.org', '[]', '%[1]s', false);
			INSERT INTO reset_password_request (id, user_id, selector, hashed_token, requested_at, expires_at) VALUES (1, 1, '', '', '2026-01-01', '2026-01-01'), (2, 2, '', '', '2026-01-01', '2026-01-01')`,
		ended: map[string]string{`SELECT min(user_id) FROM reset_password_request`: "2"},
	},
	{
		spec: "symfony,verified,table=user", file: "symfony-mysql", sets: "$2y$10$",
		rows: `INSERT INTO user (id, email, roles, password, is_verified) VALUES (1, 'user@example.org', '[]', '%[1]s', true), (2, 'away@example.org', '[]', '%[1]s', false)`,
	},
	{
		spec: "supabase", sets: "$2a$10$",
		rows: `INSERT INTO auth.users (id, email, encrypted_password, email_confirmed_at, banned_until, recovery_token, raw_user_meta_data) VALUES
			('` + first + `', 'user@example.org', '%[1]s', now(), NULL, 'token', '{"name": "Example User"}'), ('` + second + `', 'away@example.org', '%[1]s', now(), now() + interval '1 day', '', '{}');
			INSERT INTO auth.sessions (id, user_id) VALUES ('` + first + `', '` + first + `'), ('` + second + `', '` + second + `');
			INSERT INTO auth.refresh_tokens (token, session_id) VALUES ('a', '` + first + `'), ('b', '` + second + `');
			INSERT INTO auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to) VALUES ('` + first + `', '` + first + `', 'recovery_token', 'a', ''), ('` + second + `', '` + first + `', 'email_change_token_new', 'b', '')`,
		ended: map[string]string{
			`SELECT recovery_token FROM auth.users WHERE id = '` + first + `'`: "", `SELECT string_agg(token, ',') FROM auth.refresh_tokens`: "b",
			`SELECT string_agg(CAST(token_type AS text), ',') FROM auth.one_time_tokens`: "email_change_token_new",
		},
	},
	{
		spec: "strapi,refresh", sets: "$2a$10$",
		rows: `INSERT INTO up_users (id, username, email, provider, password, reset_password_token, confirmed, blocked) VALUES
			(1, 'user', 'user@example.org', 'local', '%[1]s', 'token', true, false), (2, 'away', 'away@example.org', 'local', '%[1]s', NULL, true, true), (3, 'elsewhere', 'user@example.org', 'github', NULL, NULL, true, false);
			INSERT INTO strapi_sessions (user_id, session_id, device_id, origin) VALUES ('1', 'a', 'x', 'users-permissions'), ('1', 'b', 'x', 'admin'), ('2', 'c', 'x', 'users-permissions')`,
		ended: map[string]string{`SELECT count(*) FROM up_users WHERE reset_password_token IS NULL`: "3", `SELECT min(session_id) FROM strapi_sessions`: "b", `SELECT count(*) FROM strapi_sessions`: "2"},
	},
	{
		spec: "directus", sets: "$argon2id$v=19$m=65536,t=3,p=4$", hash: "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$hKPIuxVDPz3Ys0zIB4dGZhjLrzdLXsL26Cy7Zt5VNxA",
		rows: `INSERT INTO directus_users (id, first_name, email, password, status) VALUES ('` + first + `', 'Example', 'user@example.org', '%[1]s', 'active'), ('` + second + `', 'Away', 'away@example.org', '%[1]s', 'suspended');
			INSERT INTO directus_sessions (token, "user", expires) VALUES ('a', '` + first + `', '2026-01-01'), ('b', '` + second + `', '2026-01-01')`,
		ended: map[string]string{`SELECT min(token) FROM directus_sessions`: "b"},
	},
	{
		spec: "../../docs/accounts/better-auth.toml", file: "better-auth", sets: "", hash: "970605188a50a6cefa0f840a051989f6:d5621b4aca06914ec3e1c9c49c17cc845241179c7dd4cbe58cc5c0042070f21aba905c4bf5786095ac3cb50567c88f7855ef55cef81fc5ab80bd50691ef053df",
		rows: `INSERT INTO "user" (id, name, email, "emailVerified") VALUES ('a', 'Example User', 'user@example.org', true), ('b', 'Elsewhere', 'elsewhere@example.org', true);
			INSERT INTO account (id, "accountId", "providerId", "userId", password, "updatedAt") VALUES ('1', 'a', 'credential', 'a', '%[1]s', now()), ('2', 'x', 'github', 'a', NULL, now()), ('3', 'y', 'github', 'b', NULL, now());
			INSERT INTO session (id, "expiresAt", token, "updatedAt", "userId") VALUES ('1', now(), 'x', now(), 'a'), ('2', now(), 'y', now(), 'b');
			INSERT INTO verification (id, identifier, value, "expiresAt") VALUES ('1', 'reset-password:x', 'a', now()), ('2', 'reset-password:y', 'b', now()), ('3', 'delete-account:z', 'a', now())`,
		ended: map[string]string{`SELECT min("userId") FROM session`: "b", `SELECT string_agg(id, ',' ORDER BY id) FROM verification`: "2,3", `SELECT count(*) FROM account WHERE password IS NULL`: "2"},
	},
	{
		spec: "../../docs/accounts/mediawiki.toml", file: "mediawiki", sets: ":argon2:$argon2id$", hash: ":pbkdf2:sha512:30000:64:y1i+mDIQ5a8U10/x9B/qZQ==:NUhs7i01ur3NAo4620eB3KxAGaij440bdeESvLYB8y6LunFx716v31mQGSHEGV0T5907hUFTioZCaAFkJgkT3g==",
		rows: `INSERT INTO user (user_id, user_name, user_password, user_newpassword, user_newpass_time, user_email, user_touched, user_token) VALUES
			(1, 'User', '%[1]s', ':pbkdf2:x', '20260101000000', 'user@example.org', '20260101000000', 'token'), (2, 'MediaWiki default', '', '', NULL, '', '20260101000000', '*** INVALID ***')`,
		ended: map[string]string{`SELECT count(*) FROM user WHERE user_id = 1 AND user_newpassword = '' AND user_newpass_time IS NULL AND user_token = repeat(char(0), 32)`: "1"},
	},
	{
		spec: "../../docs/accounts/payload.toml", file: "payload", sets: "", hash: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:pbkdf2-sha256-v1:e4a217704ece9fe131d45d8580908cd343beb2f293759de2bcb0a59b883076eb",
		rows: `INSERT INTO users (id, email, salt, hash, login_attempts, lock_until, reset_password_token) SELECT 1, 'user@example.org', substr('%[1]s', 1, 64), substr('%[1]s', 66), 5, '2026-01-01', 'token';
			INSERT INTO users (id, email, salt, hash) VALUES (2, 'other@example.org', 'x', 'y');
			INSERT INTO users_sessions (_order, _parent_id, id, expires_at) VALUES (1, 1, 'a', '2026-01-01'), (2, 1, 'b', '2026-01-01'), (1, 2, 'c', '2026-01-01')`,
		ended: map[string]string{
			`SELECT count(*) FROM users WHERE id = 1 AND length(salt) = 64 AND hash LIKE 'pbkdf2-sha256-v1:%' AND length(hash) = 81 AND login_attempts = 0 AND lock_until IS NULL AND reset_password_token IS NULL`: "1",
			`SELECT min(id) FROM users_sessions`: "c", `SELECT hash FROM users WHERE id = 2`: "y",
		},
	},
	{
		spec: "../../docs/accounts/n8n.toml", file: "n8n", sets: "$2y$10$",
		rows: `INSERT INTO "user" (id, email, password, disabled) VALUES ('` + first + `', 'user@example.org', '%[1]s', false), ('` + second + `', 'away@example.org', '%[1]s', true);
			INSERT INTO "user" (email) VALUES ('invited@example.org')`,
		ended: map[string]string{`SELECT count(*) FROM "user" WHERE password IS NULL`: "1"},
	},
	{
		spec: "../../docs/accounts/ghost.toml", file: "ghost", sets: "$2y$10$",
		rows: `INSERT INTO users (id, name, slug, password, email, status, created_at) VALUES ('a', 'User', 'user', '%[1]s', 'user@example.org', 'locked', '2026-01-01'), ('b', 'Away', 'away', '%[1]s', 'away@example.org', 'inactive', '2026-01-01');
			INSERT INTO sessions (id, session_id, user_id, session_data, created_at) VALUES ('1', '1', 'a', '', '2026-01-01'), ('2', '2', 'b', '', '2026-01-01')`,
		ended: map[string]string{`SELECT min(user_id) FROM sessions`: "b", `SELECT concat(max(status), min(status)) FROM users`: "inactiveactive"},
	},
	{
		spec: "../../docs/accounts/zabbix.toml", file: "zabbix", sets: "$2y$10$",
		rows: `INSERT INTO users (userid, username, passwd, attempt_failed, attempt_clock) VALUES (1, 'User', '%[1]s', 5, 1790000000), (3, 'Away', '%[1]s', 0, 0);
			INSERT INTO media_type (mediatypeid, type, name) VALUES (1, 0, 'Email'), (3, 2, 'SMS');
			INSERT INTO media (mediaid, userid, mediatypeid, sendto) VALUES (1, 1, 3, '+1 555 0100'), (2, 1, 1, 'user@example.org\n"Second" <x@example.org>\nsecond@example.org'), (3, 3, 1, 'away@example.org');
			INSERT INTO usrgrp (usrgrpid, name, gui_access, users_status) VALUES (7, 'Administrators', 0, 0), (9, 'Disabled', 0, 1);
			INSERT INTO users_groups (id, usrgrpid, userid) VALUES (1, 7, 1), (2, 7, 3), (3, 9, 3);
			INSERT INTO sessions (sessionid, userid) VALUES ('a', 1), ('b', 3)`,
		ended: map[string]string{`SELECT min(sessionid) FROM sessions`: "b", `SELECT concat(attempt_failed, attempt_clock) FROM users WHERE userid = 1`: "00"},
	},
	{
		spec: "aspnet-identity", sets: "AQAAAAIAAYag", hash: "AQAAAAIAAYagAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
		rows: `INSERT INTO "AspNetUsers" ("Id", "UserName", "Email", "NormalizedEmail", "EmailConfirmed", "PasswordHash", "SecurityStamp", "ConcurrencyStamp", "PhoneNumberConfirmed", "TwoFactorEnabled", "LockoutEnd", "LockoutEnabled", "AccessFailedCount") VALUES
			('a', 'user@example.org', 'user@example.org', 'USER@EXAMPLE.ORG', true, '%[1]s', 'old', 'old', false, false, '2026-01-01', true, 4), ('b', 'away@example.org', 'away@example.org', 'AWAY@EXAMPLE.ORG', false, '%[1]s', 'old', 'old', false, false, NULL, true, 0)`,
		ended: map[string]string{`SELECT count(*) FROM "AspNetUsers" WHERE "Id" = 'a' AND "SecurityStamp" <> 'old' AND "ConcurrencyStamp" <> 'old' AND "LockoutEnd" IS NULL AND "AccessFailedCount" = 0`: "1"},
	},
	{
		spec: "drupal", sets: "$2y$10$", hash: "$S$DabcdefghxZaKAs1vaKryfgc.94npfa6mxBxGYPa8uFNc5CXFFmm",
		rows: `INSERT INTO users_field_data (uid, langcode, preferred_langcode, name, pass, mail, status, created, access, default_langcode) VALUES
			(0, 'en', 'en', '', NULL, NULL, 0, 0, 0, 1), (2, 'en', 'de', 'user', '%[1]s', 'user@example.org', 1, 0, 0, 1), (2, 'de', 'de', 'user', '%[1]s', 'user@example.org', 1, 0, 0, 0), (3, 'en', 'en', 'away', '%[1]s', 'away@example.org', 0, 0, 0, 1);
			INSERT INTO sessions (uid, sid) VALUES (2, 'a'), (3, 'b');
			INSERT INTO cache_entity (cid, checksum) VALUES ('values:user:2', '0'), ('values:user:22', '0'), ('values:user:3', '0')`,
		ended: map[string]string{`SELECT min(sid) FROM sessions`: "b", `SELECT count(*) FROM cache_entity WHERE cid = 'values:user:2'`: "0", `SELECT count(*) FROM cache_entity`: "2"},
	},
	{
		spec: "joomla,prefix=abc12_", sets: "$2y$10$",
		rows: `INSERT INTO abc12_users (id, name, username, email, password, block, activation, params, "registerDate") VALUES (1, 'Example', 'user', 'user@example.org', '%[1]s', 0, 'code', '{}', '2026-01-01'), (2, 'Away', 'away', 'away@example.org', '%[1]s', 1, 'code', '{}', '2026-01-01');
			INSERT INTO abc12_session (session_id, userid) VALUES ('a', 1), ('b', 2);
			INSERT INTO abc12_user_keys (user_id, token, series, time, uastring) VALUES ('user', '', 'a', '', ''), ('away', '', 'b', '', '')`,
		ended: map[string]string{`SELECT min(userid) FROM abc12_session`: "2", `SELECT min(user_id) FROM abc12_user_keys`: "away", `SELECT min(activation) FROM abc12_users`: ""},
	},
}

// Every preset and its options, and each file in docs, work on the application's real tables.
func TestPresetsWithOptions(t *testing.T) {
	for _, c := range cells {
		if c.hash == "" {
			c.hash = hashOfWonderland["laravel"]
		}
		t.Run(c.spec, func(t *testing.T) {
			t.Parallel()
			databases := 0
			eachDatabaseOf(t, application{preset: c.spec, file: c.file, script: c.rows, sets: c.sets, hash: c.hash}, func(b shared) {
				databases++
				b.resets(c)
			})
			if databases == 0 && !t.Failed() {
				t.Error("no tables")
			}
		})
	}
}

func (b shared) resets(c cell) {
	b.Helper()
	b.passesTheCheck()
	ids := b.find(" USER@Example.org ")
	if len(ids) != 1 {
		b.Fatalf("found %q", ids)
	}
	a := b.account(ids[0])
	if a.Email != "user@example.org" || !a.Active || a.PasswordHash != c.hash || !b.hasher.Usable(a.PasswordHash) {
		b.Fatalf("got %q %t", a.Email, a.Active)
	}
	for _, id := range b.find("away@example.org") {
		if b.account(id).Active {
			b.Errorf("account %s is active", id)
		}
	}
	b.found(map[string][]string{"SER@EX": ids, "u_er@": nil})
	hash, err := b.hasher.Renew(b.Context(), password.ForReset, a.PasswordHash, wonderland)
	if err != nil || !strings.HasPrefix(hash, c.sets) {
		b.Fatalf("got %s, %v, want the prefix %s", hash, err, c.sets)
	}
	b.tries(a, hash)
	if err := b.inTransaction(func(d reset.Directory) error {
		return d.SetPassword(b.Context(), a, reset.NewPassword{Hash: hash}, time.Now())
	}); err != nil {
		b.Fatal(err)
	}
	for query, want := range c.ended {
		if got := b.db.Text(b.T, query); got != want {
			b.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

// tries does what resetd check does with an account of the sample, as a user of the
// database with the preset's grants alone.
func (b shared) tries(a reset.Account, hash string) {
	b.Helper()
	limited := b
	limited.db.URL = b.withGrants()
	i := limited.inspector()
	defer func() { _ = i.Close() }()
	for _, f := range i.Try(b.Context(), inspect.Subject{Account: a, To: reset.NewPassword{Hash: hash}}, time.Now()) {
		b.Errorf("with the grants of the preset: %s: %v", f.Name, f)
	}
}

// withGrants returns the URL for a new user of the database; on SQLite there are none.
func (b shared) withGrants() string {
	b.Helper()
	if b.db.Name == "sqlite" {
		return b.db.URL
	}
	name := "resetd_" + strings.ToLower(rand.Text())[:9]
	to, end := name, []string{"DROP OWNED BY " + name, "DROP ROLE " + name}
	create := []string{"CREATE ROLE " + name + " LOGIN PASSWORD '" + name + "'", "GRANT USAGE ON SCHEMA public TO " + name}
	if b.db.Name == "mysql" {
		to = name + "@'127.0.0.1'"
		create, end = []string{"CREATE USER " + to + " IDENTIFIED BY '" + name + "'"}, []string{"DROP USER " + to}
	}
	b.db.SQL(b.T, create...)
	b.Cleanup(func() { b.ends(end) })
	for _, g := range b.directory(b.T, b.db).Grants {
		if schema, _, named := strings.Cut(g.Table, "."); named {
			b.db.SQL(b.T, "GRANT USAGE ON SCHEMA "+schema+" TO "+to)
		}
		grant := "GRANT " + g.String() + " ON " + g.Table + " TO " + to
		if b.db.Name == "mysql" {
			grant = strings.ReplaceAll(grant, `"`, "`")
		}
		b.db.SQL(b.T, grant)
	}
	u, err := url.Parse(b.db.URL)
	must(b, err)
	u.User = url.UserPassword(name, name)
	return u.String()
}

// ends runs statements when the test has ended.
func (b shared) ends(statements []string) {
	conn, err := testkit.Connect(b.db.URL)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	for _, s := range statements {
		if _, err := conn.ExecContext(context.Background(), s); err != nil {
			b.Errorf("%s: %v", s, err)
		}
	}
}
