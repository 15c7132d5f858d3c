-- The built-in accounts on SQLite. The accounts of other applications are in their own tables.

-- +goose Up

-- One row for each account.
CREATE TABLE users (
    id                  TEXT    NOT NULL,
    email               TEXT    NOT NULL, -- normalised
    name                TEXT    NOT NULL DEFAULT '',
    password_hash       TEXT,             -- NULL: no password yet
    active              INTEGER NOT NULL DEFAULT 1,
    locale              TEXT    NOT NULL DEFAULT '', -- language of emails; empty: the default
    created_at          TEXT    NOT NULL,
    password_changed_at TEXT,             -- NULL: never
    CONSTRAINT users_by_id          PRIMARY KEY (id),
    CONSTRAINT users_active_is_bool CHECK (active IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

-- Sign-ups that wait until the link in their email is followed. The name and the
-- password are chosen behind that link, so nobody can choose them for somebody else.
CREATE TABLE reset_signups (
    number           INTEGER NOT NULL, -- their order: only the newest link of an address works
    id               TEXT    NOT NULL, -- random; it is part of the link, and the id of the delivery
    created_at       TEXT    NOT NULL,
    expires_at       TEXT    NOT NULL, -- from this moment the link does not work
    email            TEXT    NOT NULL, -- normalised
    created_by_ip    TEXT    NOT NULL,
    created_by_agent TEXT    NOT NULL DEFAULT '',
    confirmed_at     TEXT,             -- when the account was created
    confirmed_by_ip  TEXT,
    CONSTRAINT reset_signups_by_number              PRIMARY KEY (number AUTOINCREMENT),
    CONSTRAINT reset_signups_by_id                  UNIQUE (id),
    CONSTRAINT reset_signups_expires_after_creation CHECK (expires_at > created_at),
    CONSTRAINT reset_signups_confirmed_in_time      CHECK (confirmed_at < expires_at),
    CONSTRAINT reset_signups_confirmed_has_ip       CHECK ((confirmed_at IS NULL) = (confirmed_by_ip IS NULL))
) STRICT;
CREATE INDEX reset_signups_by_address ON reset_signups (email, number);
CREATE INDEX reset_signups_by_expiry  ON reset_signups (expires_at);

-- +goose Down
DROP TABLE reset_signups;
DROP TABLE users;
