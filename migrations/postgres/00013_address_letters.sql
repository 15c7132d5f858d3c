-- +goose Up
-- The letters of each address, five in a row, and fewer where it ends: so whatever
-- a part begins with begins one of them. No extension is needed for it, which not
-- every role may create. An address never changes, so a second reset of one costs
-- next to nothing here; letters that wait for the index would be gone through by each search.
-- +goose StatementBegin
DO $$ BEGIN -- of earlier builds, made with pg_trgm, which stays; not that of an installation in the next schema
    EXECUTE format('DROP INDEX IF EXISTS %I.reset_addresses_by_part', current_schema());
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION reset_letters(address text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(ARRAY(SELECT substr(address, at, 5) FROM generate_series(1, length(address)) AS at))
$$;
-- +goose StatementEnd
CREATE INDEX reset_addresses_by_letters ON reset_addresses USING gin (reset_letters(address)) WITH (fastupdate = off);

-- +goose Down
DROP INDEX reset_addresses_by_letters;
DROP FUNCTION reset_letters(text);
