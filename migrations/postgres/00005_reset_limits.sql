-- +goose Up
CREATE TABLE reset_limits (
    key     text        PRIMARY KEY,
    count   bigint      NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX reset_limits_by_end ON reset_limits (ends_at);

-- +goose Down
DROP TABLE reset_limits;
