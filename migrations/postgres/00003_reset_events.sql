-- +goose Up
CREATE TABLE reset_events (
    id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reset_id uuid        NOT NULL REFERENCES password_resets (id) ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    kind     text        NOT NULL,
    actor    text        NOT NULL,
    ip       inet,
    agent    text        NOT NULL DEFAULT '',
    detail   text        NOT NULL DEFAULT ''
);
CREATE INDEX reset_events_by_reset ON reset_events (reset_id, id);

-- +goose Down
DROP TABLE reset_events;
