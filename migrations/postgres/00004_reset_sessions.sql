-- +goose Up
CREATE TABLE reset_sessions (
    token_hash text        PRIMARY KEY,
    user_id    text,
    data       text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX reset_sessions_by_account ON reset_sessions (user_id);
CREATE INDEX reset_sessions_by_expiry  ON reset_sessions (expires_at);

-- +goose Down
DROP TABLE reset_sessions;
