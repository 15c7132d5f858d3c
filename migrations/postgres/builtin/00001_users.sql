-- +goose Up
CREATE TABLE users (
    id                  uuid        PRIMARY KEY,
    email               text        NOT NULL,
    name                text        NOT NULL DEFAULT '',
    password_hash       text,
    active              boolean     NOT NULL DEFAULT true,
    locale              text        NOT NULL DEFAULT '',
    created_at          timestamptz NOT NULL,
    password_changed_at timestamptz
);
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

-- +goose Down
DROP TABLE users;
