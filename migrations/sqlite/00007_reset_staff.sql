-- +goose Up
CREATE TABLE reset_staff (
    id            TEXT    PRIMARY KEY,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    totp          TEXT,
    totp_step     INTEGER NOT NULL DEFAULT 0,
    active        INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    created_at    TEXT    NOT NULL,
    CONSTRAINT reset_staff_name_fits    CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT reset_staff_role_known   CHECK (role IN ('viewer', 'agent', 'admin')),
    CONSTRAINT reset_staff_has_password CHECK (password_hash <> ''),
    CONSTRAINT reset_staff_totp_is_text CHECK (totp <> '')
) STRICT;
CREATE UNIQUE INDEX reset_staff_by_name ON reset_staff (lower(name));

CREATE TABLE reset_staff_sessions (
    token_hash TEXT PRIMARY KEY,
    staff_id   TEXT REFERENCES reset_staff (id) ON DELETE CASCADE,
    data       TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX reset_staff_sessions_by_member ON reset_staff_sessions (staff_id);
CREATE INDEX reset_staff_sessions_by_expiry ON reset_staff_sessions (expires_at);

-- +goose Down
DROP TABLE reset_staff_sessions;
DROP TABLE reset_staff;
