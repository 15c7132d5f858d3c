-- +goose Up
CREATE TABLE reset_limits (
    key     TEXT    PRIMARY KEY,
    count   INTEGER NOT NULL,
    ends_at TEXT    NOT NULL
) STRICT;
CREATE INDEX reset_limits_by_end ON reset_limits (ends_at);

-- +goose Down
DROP TABLE reset_limits;
