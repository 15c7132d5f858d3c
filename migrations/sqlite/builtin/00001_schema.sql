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

-- Sign-ups that wait until the link in their email is followed.
CREATE TABLE reset_signups (
    id               TEXT    NOT NULL, -- random; it is part of the link
    created_at       TEXT    NOT NULL,
    expires_at       TEXT    NOT NULL, -- from this moment the link does not work
    email            TEXT    NOT NULL, -- normalised
    name             TEXT    NOT NULL,
    password_hash    TEXT,             -- NULL after it was moved to the account
    created_by_ip    TEXT    NOT NULL,
    created_by_agent TEXT    NOT NULL,
    confirmed_at     TEXT,             -- when the account was created
    CONSTRAINT reset_signups_by_id                   PRIMARY KEY (id),
    CONSTRAINT reset_signups_expires_after_creation  CHECK (expires_at > created_at),
    CONSTRAINT reset_signups_confirmed_in_time       CHECK (confirmed_at < expires_at),
    CONSTRAINT reset_signups_confirmed_keeps_no_hash CHECK (confirmed_at IS NULL OR password_hash IS NULL)
) STRICT;
CREATE INDEX reset_signups_by_expiry ON reset_signups (expires_at);

-- +goose Down
DROP TABLE reset_signups;
DROP TABLE users;
