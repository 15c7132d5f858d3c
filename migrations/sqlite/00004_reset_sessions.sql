-- +goose Up
CREATE TABLE reset_sessions (
    token_hash TEXT    PRIMARY KEY,
    user_id    TEXT,
    data       TEXT    NOT NULL,
    expires_at TEXT    NOT NULL
) STRICT;
CREATE INDEX reset_sessions_by_account ON reset_sessions (user_id);
CREATE INDEX reset_sessions_by_expiry  ON reset_sessions (expires_at);

-- +goose Down
DROP TABLE reset_sessions;
