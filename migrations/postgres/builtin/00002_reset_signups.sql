-- +goose Up
CREATE TABLE reset_signups (
    id               uuid PRIMARY KEY,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    email            text NOT NULL,
    name             text NOT NULL,
    password_hash    text,
    created_by_ip    inet NOT NULL,
    created_by_agent text NOT NULL,
    confirmed_at     timestamptz,
    CONSTRAINT reset_signups_expires_after_creation CHECK (expires_at > created_at),
    CONSTRAINT reset_signups_confirmed_in_time      CHECK (confirmed_at < expires_at),
    CONSTRAINT reset_signups_confirmed_keeps_no_hash CHECK (confirmed_at IS NULL OR password_hash IS NULL)
);
CREATE INDEX reset_signups_by_expiry ON reset_signups (expires_at);

-- +goose Down
DROP TABLE reset_signups;
