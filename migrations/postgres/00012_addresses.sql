-- +goose Up
-- Each address once, for searches for a part of one: there are far fewer of them
-- than of resets. The times are those of its oldest and its newest reset.
CREATE TABLE reset_addresses (
    address text PRIMARY KEY,
    oldest  timestamptz NOT NULL,
    newest  timestamptz NOT NULL
) WITH (fillfactor = 80); -- leaves room for what each reset changes
-- An address is locked while its reset is written: whoever removes the last reset
-- of an address at that moment waits, and then sees the new one.
-- +goose StatementBegin
CREATE FUNCTION reset_addresses_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reset_addresses AS a (address, oldest, newest) VALUES (NEW.email, NEW.created_at, NEW.created_at)
    ON CONFLICT (address) DO UPDATE SET oldest = least(a.oldest, excluded.oldest), newest = greatest(a.newest, excluded.newest);
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- Nothing is kept of an address that no reset has any more.
-- +goose StatementBegin
CREATE FUNCTION reset_addresses_gone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    left_newest timestamptz;
BEGIN
    PERFORM 1 FROM reset_addresses WHERE address = OLD.email AND newest <= OLD.created_at FOR UPDATE;
    IF FOUND THEN
        SELECT max(created_at) INTO left_newest FROM password_resets WHERE email = OLD.email;
        DELETE FROM reset_addresses WHERE address = OLD.email AND left_newest IS NULL;
        UPDATE reset_addresses SET newest = left_newest WHERE address = OLD.email;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reset_addresses_asked AFTER INSERT OR UPDATE OF email, created_at ON password_resets FOR EACH ROW EXECUTE FUNCTION reset_addresses_asked();
CREATE TRIGGER reset_addresses_gone AFTER DELETE OR UPDATE OF email, created_at ON password_resets FOR EACH ROW EXECUTE FUNCTION reset_addresses_gone();
INSERT INTO reset_addresses (address, oldest, newest) SELECT email, min(created_at), max(created_at) FROM password_resets GROUP BY email;
-- +goose StatementBegin
DO $$ BEGIN -- of earlier builds, made with pg_trgm, which stays; not that of an installation in the next schema
    EXECUTE format('DROP INDEX IF EXISTS %I.password_resets_by_part', current_schema());
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TRIGGER reset_addresses_gone ON password_resets;
DROP TRIGGER reset_addresses_asked ON password_resets;
DROP FUNCTION reset_addresses_gone();
DROP FUNCTION reset_addresses_asked();
DROP TABLE reset_addresses;
