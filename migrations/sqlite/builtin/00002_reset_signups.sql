-- +goose Up
CREATE TABLE reset_signups (
    id               TEXT PRIMARY KEY,
    created_at       TEXT NOT NULL,
    expires_at       TEXT NOT NULL,
    email            TEXT NOT NULL,
    name             TEXT NOT NULL,
    password_hash    TEXT,
    created_by_ip    TEXT NOT NULL,
    created_by_agent TEXT NOT NULL,
    confirmed_at     TEXT,
    CONSTRAINT reset_signups_expires_after_creation CHECK (expires_at > created_at),
    CONSTRAINT reset_signups_confirmed_in_time      CHECK (confirmed_at < expires_at),
    CONSTRAINT reset_signups_confirmed_keeps_no_hash CHECK (confirmed_at IS NULL OR password_hash IS NULL)
) STRICT;
CREATE INDEX reset_signups_by_expiry ON reset_signups (expires_at);

-- +goose Down
DROP TABLE reset_signups;
