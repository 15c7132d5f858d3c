-- The built-in accounts on PostgreSQL. The accounts of other applications are in their own tables.

-- +goose Up

-- One row for each account.
CREATE TABLE users (
    id                  uuid        NOT NULL,
    email               text        NOT NULL, -- normalised
    name                text        NOT NULL DEFAULT '',
    password_hash       text,                 -- NULL: no password yet
    active              boolean     NOT NULL DEFAULT true,
    locale              text        NOT NULL DEFAULT '', -- language of emails; empty: the default
    created_at          timestamptz NOT NULL,
    password_changed_at timestamptz,          -- NULL: never
    CONSTRAINT users_by_id PRIMARY KEY (id)
);
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

-- Sign-ups that wait until the link in their email is followed. The name and the
-- password are chosen behind that link, so nobody can choose them for somebody else.
CREATE TABLE reset_signups (
    number           bigint      GENERATED ALWAYS AS IDENTITY, -- their order: only the newest link of an address works
    id               uuid        NOT NULL, -- random; it is part of the link, and the id of the delivery
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL, -- from this moment the link does not work
    email            text        NOT NULL, -- normalised
    created_by_ip    inet        NOT NULL,
    created_by_agent text        NOT NULL DEFAULT '',
    confirmed_at     timestamptz,          -- when the account was created
    confirmed_by_ip  inet,
    CONSTRAINT reset_signups_by_number              PRIMARY KEY (number),
    CONSTRAINT reset_signups_by_id                  UNIQUE (id),
    CONSTRAINT reset_signups_expires_after_creation CHECK (expires_at > created_at),
    CONSTRAINT reset_signups_confirmed_in_time      CHECK (confirmed_at < expires_at),
    CONSTRAINT reset_signups_confirmed_has_ip       CHECK ((confirmed_at IS NULL) = (confirmed_by_ip IS NULL))
);
CREATE INDEX reset_signups_by_address ON reset_signups (email, number);
CREATE INDEX reset_signups_by_expiry  ON reset_signups (expires_at);

-- +goose Down
DROP TABLE reset_signups;
DROP TABLE users;
