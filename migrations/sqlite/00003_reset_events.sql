-- +goose Up
CREATE TABLE reset_events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    reset_id TEXT    NOT NULL REFERENCES password_resets (id) ON DELETE CASCADE,
    at       TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    ip       TEXT,
    agent    TEXT    NOT NULL DEFAULT '',
    detail   TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX reset_events_by_reset ON reset_events (reset_id, id);

-- +goose Down
DROP TABLE reset_events;
