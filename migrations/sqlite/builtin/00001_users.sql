-- +goose Up
CREATE TABLE users (
    id                  TEXT    PRIMARY KEY,
    email               TEXT    NOT NULL,
    name                TEXT    NOT NULL DEFAULT '',
    password_hash       TEXT,
    active              INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    locale              TEXT    NOT NULL DEFAULT '',
    created_at          TEXT    NOT NULL,
    password_changed_at TEXT
) STRICT;
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

-- +goose Down
DROP TABLE users;
