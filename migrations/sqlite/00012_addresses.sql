-- +goose Up
-- PostgreSQL gets a table of addresses here, for searches for a part of one.
-- SQLite walks along the time for them, and keeps the number of its version.
SELECT 1;

-- +goose Down
SELECT 1;
