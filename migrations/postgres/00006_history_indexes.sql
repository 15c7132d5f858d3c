-- +goose Up
-- A walk along the time, for a part of an address or a network that many rows
-- have, reads this and no row.
DROP INDEX password_resets_by_time;
CREATE INDEX password_resets_by_time ON password_resets (created_at DESC, id DESC) INCLUDE (email, created_by_ip, used_by_ip);
-- What became of a reset, as far as its row says without a clock: 0 nothing yet,
-- 1 used, 2 revoked, 3 to 6 withheld. It stands before the time, so that a rare
-- status is found among the many rows of a busy account without a walk. The
-- time is an expression here, so that a query can ask for this index and no other.
CREATE INDEX password_resets_by_status ON password_resets (
    (CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0 WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END),
    (created_at AT TIME ZONE 'UTC') DESC, id DESC, expires_at); -- the last, so that the few links that live are told from the day's without their rows
DROP INDEX password_resets_by_account;
CREATE INDEX password_resets_by_account ON password_resets (user_id,
    (CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0 WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END),
    created_at DESC, id DESC);
DROP INDEX password_resets_by_email;
CREATE INDEX password_resets_by_email ON password_resets (email,
    (CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0 WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END),
    created_at DESC, id DESC);
-- IP addresses by day: a network is a range of each day, and the newest days
-- answer for a busy one. All inserts of a day meet in a few pages.
DROP INDEX password_resets_by_ip;
CREATE INDEX password_resets_by_ip ON password_resets (
    (CAST(created_at AT TIME ZONE 'UTC' AS date)), created_by_ip,
    (CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0 WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END),
    created_at DESC, id DESC);
-- Most links are used where they were asked for, which the index above knows.
DROP INDEX password_resets_by_used_ip;
CREATE INDEX password_resets_by_used_ip ON password_resets (
    (CAST(created_at AT TIME ZONE 'UTC' AS date)), used_by_ip, created_at DESC, id DESC) WHERE used_by_ip <> created_by_ip;
-- A link whose mail was refused for good is looked for by all that a reset is
-- looked for by, so the row says it too. Few rows do, which makes these cheap.
ALTER TABLE password_resets ADD COLUMN mail_failed boolean NOT NULL DEFAULT false;
UPDATE password_resets SET mail_failed = true
WHERE id IN (SELECT reset_id FROM reset_deliveries WHERE kind = 'reset_link' AND failed_at IS NOT NULL);
CREATE INDEX password_resets_failed            ON password_resets (created_at DESC, id DESC, created_by_ip, used_by_ip, email) WHERE mail_failed;
CREATE INDEX password_resets_failed_by_account ON password_resets (user_id, created_at DESC, id DESC) WHERE mail_failed;
CREATE INDEX password_resets_failed_by_email   ON password_resets (email, created_at DESC, id DESC) WHERE mail_failed;
-- +goose StatementBegin
CREATE FUNCTION reset_mail_failed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE password_resets SET mail_failed = EXISTS (
        SELECT 1 FROM reset_deliveries d WHERE d.reset_id = NEW.reset_id AND d.kind = 'reset_link' AND d.failed_at IS NOT NULL)
    WHERE id = NEW.reset_id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reset_mail_failed_at_once AFTER INSERT ON reset_deliveries FOR EACH ROW
    WHEN (NEW.kind = 'reset_link' AND NEW.failed_at IS NOT NULL) EXECUTE FUNCTION reset_mail_failed();
CREATE TRIGGER reset_mail_failed AFTER UPDATE ON reset_deliveries FOR EACH ROW
    WHEN (NEW.kind = 'reset_link' AND (OLD.failed_at IS NULL) <> (NEW.failed_at IS NULL)) EXECUTE FUNCTION reset_mail_failed();
-- What the overview counts the domains of.
CREATE INDEX reset_deliveries_failed ON reset_deliveries (created_at DESC, reset_id DESC) WHERE failed_at IS NOT NULL AND kind = 'reset_link';
-- The overview's sums, kept by the statements that change the rows. A day has
-- several lines, a writer's own each, so that writers do not wait for each other.
CREATE TABLE reset_days (
    day         date     NOT NULL,
    writer      smallint NOT NULL,
    asked       bigint   NOT NULL DEFAULT 0,
    delivered   bigint   NOT NULL DEFAULT 0,
    opened      bigint   NOT NULL DEFAULT 0,
    used        bigint   NOT NULL DEFAULT 0,
    no_account  bigint   NOT NULL DEFAULT 0,
    inactive    bigint   NOT NULL DEFAULT 0,
    throttled   bigint   NOT NULL DEFAULT 0,
    no_password bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (day, writer)
) WITH (fillfactor = 25);
-- +goose StatementBegin
CREATE FUNCTION reset_days_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reset_days AS d (day, writer, asked, opened, used, no_account, inactive, throttled, no_password)
    VALUES (CAST(NEW.created_at AT TIME ZONE 'UTC' AS date), pg_backend_pid() % 64, 1,
        CAST(NEW.opened_at IS NOT NULL AS int), CAST(NEW.used_at IS NOT NULL AS int),
        CAST(NEW.withheld IS NOT DISTINCT FROM 'no_account' AS int), CAST(NEW.withheld IS NOT DISTINCT FROM 'inactive' AS int),
        CAST(NEW.withheld IS NOT DISTINCT FROM 'throttled' AS int), CAST(NEW.withheld IS NOT DISTINCT FROM 'no_password' AS int))
    ON CONFLICT (day, writer) DO UPDATE SET asked = d.asked + 1, opened = d.opened + excluded.opened, used = d.used + excluded.used,
        no_account = d.no_account + excluded.no_account, inactive = d.inactive + excluded.inactive,
        throttled = d.throttled + excluded.throttled, no_password = d.no_password + excluded.no_password;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION reset_days_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reset_days AS d (day, writer, asked, opened, used, no_account, inactive, throttled, no_password)
    SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), pg_backend_pid() % 64, sum(n),
        coalesce(sum(n) FILTER (WHERE opened_at IS NOT NULL), 0), coalesce(sum(n) FILTER (WHERE used_at IS NOT NULL), 0),
        coalesce(sum(n) FILTER (WHERE withheld = 'no_account'), 0), coalesce(sum(n) FILTER (WHERE withheld = 'inactive'), 0),
        coalesce(sum(n) FILTER (WHERE withheld = 'throttled'), 0), coalesce(sum(n) FILTER (WHERE withheld = 'no_password'), 0)
    FROM (SELECT -1 AS n, OLD.created_at, OLD.opened_at, OLD.used_at, OLD.withheld
        UNION ALL SELECT 1, NEW.created_at, NEW.opened_at, NEW.used_at, NEW.withheld) AS change GROUP BY 1
    ON CONFLICT (day, writer) DO UPDATE SET asked = d.asked + excluded.asked, opened = d.opened + excluded.opened, used = d.used + excluded.used,
        no_account = d.no_account + excluded.no_account, inactive = d.inactive + excluded.inactive,
        throttled = d.throttled + excluded.throttled, no_password = d.no_password + excluded.no_password;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION reset_days_purged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO reset_days AS d (day, writer, asked, opened, used, no_account, inactive, throttled, no_password)
    SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), pg_backend_pid() % 64, -count(*), -count(opened_at), -count(used_at),
        -count(*) FILTER (WHERE withheld = 'no_account'), -count(*) FILTER (WHERE withheld = 'inactive'),
        -count(*) FILTER (WHERE withheld = 'throttled'), -count(*) FILTER (WHERE withheld = 'no_password')
    FROM gone GROUP BY 1
    ON CONFLICT (day, writer) DO UPDATE SET asked = d.asked + excluded.asked, opened = d.opened + excluded.opened, used = d.used + excluded.used,
        no_account = d.no_account + excluded.no_account, inactive = d.inactive + excluded.inactive,
        throttled = d.throttled + excluded.throttled, no_password = d.no_password + excluded.no_password;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION reset_days_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r reset_deliveries;
    n integer := 1;
BEGIN
    r := NEW;
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND NEW.sent_at IS NULL THEN
        r := OLD;
        n := -1;
    END IF;
    INSERT INTO reset_days AS d (day, writer, delivered)
    VALUES (CAST(r.created_at AT TIME ZONE 'UTC' AS date), pg_backend_pid() % 64, n)
    ON CONFLICT (day, writer) DO UPDATE SET delivered = d.delivered + excluded.delivered;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reset_days_asked AFTER INSERT ON password_resets FOR EACH ROW EXECUTE FUNCTION reset_days_asked();
CREATE TRIGGER reset_days_changed AFTER UPDATE ON password_resets FOR EACH ROW
    WHEN (OLD.created_at <> NEW.created_at OR (OLD.opened_at IS NULL) <> (NEW.opened_at IS NULL)
        OR (OLD.used_at IS NULL) <> (NEW.used_at IS NULL) OR OLD.withheld IS DISTINCT FROM NEW.withheld)
    EXECUTE FUNCTION reset_days_changed();
CREATE TRIGGER reset_days_purged AFTER DELETE ON password_resets REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION reset_days_purged();
CREATE TRIGGER reset_days_sent AFTER INSERT ON reset_deliveries FOR EACH ROW
    WHEN (NEW.kind = 'reset_link' AND NEW.sent_at IS NOT NULL) EXECUTE FUNCTION reset_days_delivered();
CREATE TRIGGER reset_days_delivered AFTER UPDATE ON reset_deliveries FOR EACH ROW
    WHEN (NEW.kind = 'reset_link' AND (OLD.sent_at IS NULL) <> (NEW.sent_at IS NULL)) EXECUTE FUNCTION reset_days_delivered();
CREATE TRIGGER reset_days_undelivered AFTER DELETE ON reset_deliveries FOR EACH ROW
    WHEN (OLD.kind = 'reset_link' AND OLD.sent_at IS NOT NULL) EXECUTE FUNCTION reset_days_delivered();
INSERT INTO reset_days (day, writer, asked, opened, used, no_account, inactive, throttled, no_password)
SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), 0, count(*), count(opened_at), count(used_at),
    count(*) FILTER (WHERE withheld = 'no_account'), count(*) FILTER (WHERE withheld = 'inactive'),
    count(*) FILTER (WHERE withheld = 'throttled'), count(*) FILTER (WHERE withheld = 'no_password')
FROM password_resets GROUP BY 1;
INSERT INTO reset_days AS d (day, writer, delivered)
SELECT CAST(created_at AT TIME ZONE 'UTC' AS date), 0, count(*) FROM reset_deliveries WHERE kind = 'reset_link' AND sent_at IS NOT NULL GROUP BY 1
ON CONFLICT (day, writer) DO UPDATE SET delivered = excluded.delivered;

-- +goose Down
DROP TRIGGER reset_days_undelivered ON reset_deliveries;
DROP TRIGGER reset_days_delivered ON reset_deliveries;
DROP TRIGGER reset_days_sent ON reset_deliveries;
DROP TRIGGER reset_days_purged ON password_resets;
DROP TRIGGER reset_days_changed ON password_resets;
DROP TRIGGER reset_days_asked ON password_resets;
DROP FUNCTION reset_days_delivered();
DROP FUNCTION reset_days_purged();
DROP FUNCTION reset_days_changed();
DROP FUNCTION reset_days_asked();
DROP TABLE reset_days;
DROP INDEX reset_deliveries_failed;
DROP TRIGGER reset_mail_failed ON reset_deliveries;
DROP TRIGGER reset_mail_failed_at_once ON reset_deliveries;
DROP FUNCTION reset_mail_failed();
DROP INDEX password_resets_failed_by_email;
DROP INDEX password_resets_failed_by_account;
DROP INDEX password_resets_failed;
ALTER TABLE password_resets DROP COLUMN mail_failed;
-- +goose StatementBegin
DO $$ BEGIN -- of earlier builds, made with pg_trgm, which stays; not that of an installation in the next schema
    EXECUTE format('DROP INDEX IF EXISTS %I.password_resets_by_part', current_schema());
END $$;
-- +goose StatementEnd
DROP INDEX password_resets_by_used_ip;
CREATE INDEX password_resets_by_used_ip ON password_resets (used_by_ip, created_at DESC, id DESC) WHERE used_by_ip IS NOT NULL;
DROP INDEX password_resets_by_ip;
CREATE INDEX password_resets_by_ip ON password_resets (created_by_ip, created_at DESC, id DESC);
DROP INDEX password_resets_by_email;
CREATE INDEX password_resets_by_email ON password_resets (email, created_at DESC, id DESC);
DROP INDEX password_resets_by_account;
CREATE INDEX password_resets_by_account ON password_resets (user_id, created_at DESC, id DESC);
DROP INDEX password_resets_by_status;
DROP INDEX password_resets_by_time;
CREATE INDEX password_resets_by_time ON password_resets (created_at DESC, id DESC);
