-- +goose Up
-- PostgreSQL gets an index of the letters of addresses here. SQLite walks along the
-- time, and keeps the number of its version.
SELECT 1;

-- +goose Down
SELECT 1;
