-- +goose Up
-- A walk along the time, for a part of an address or a network that many rows
-- have, reads this and no row.
DROP INDEX password_resets_by_time;
CREATE INDEX password_resets_by_time ON password_resets (created_at DESC, id DESC, email, created_by_ip, used_by_ip);
-- What became of a reset, as far as its row says without a clock: 0 nothing yet,
-- 1 used, 2 revoked, 3 to 6 withheld. It stands before the time, so that a rare
-- status is found among the many rows of a busy account without a walk.
CREATE INDEX password_resets_by_status ON password_resets (
    (CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0 WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END),
    created_at DESC, id DESC, expires_at); -- the last, so that the few links that live are told from the day's without their rows
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
    (substr(created_at, 1, 10)), created_by_ip,
    (CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0 WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END),
    created_at DESC, id DESC);
-- Most links are used where they were asked for, which the index above knows.
DROP INDEX password_resets_by_used_ip;
CREATE INDEX password_resets_by_used_ip ON password_resets (
    (substr(created_at, 1, 10)), used_by_ip, created_at DESC, id DESC) WHERE used_by_ip <> created_by_ip;
-- A link whose mail was refused for good is looked for by all that a reset is
-- looked for by, so the row says it too. Few rows do, which makes these cheap.
ALTER TABLE password_resets ADD COLUMN mail_failed INTEGER NOT NULL DEFAULT 0 CHECK (mail_failed IN (0, 1));
UPDATE password_resets SET mail_failed = 1
WHERE id IN (SELECT reset_id FROM reset_deliveries WHERE kind = 'reset_link' AND failed_at IS NOT NULL);
CREATE INDEX password_resets_failed            ON password_resets (created_at DESC, id DESC, created_by_ip, used_by_ip, email) WHERE mail_failed;
CREATE INDEX password_resets_failed_by_account ON password_resets (user_id, created_at DESC, id DESC) WHERE mail_failed;
CREATE INDEX password_resets_failed_by_email   ON password_resets (email, created_at DESC, id DESC) WHERE mail_failed;
-- +goose StatementBegin
CREATE TRIGGER reset_mail_failed_at_once AFTER INSERT ON reset_deliveries
    WHEN NEW.kind = 'reset_link' AND NEW.failed_at IS NOT NULL
 BEGIN
    UPDATE password_resets SET mail_failed = EXISTS (
        SELECT 1 FROM reset_deliveries d WHERE d.reset_id = NEW.reset_id AND d.kind = 'reset_link' AND d.failed_at IS NOT NULL)
    WHERE id = NEW.reset_id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_mail_failed AFTER UPDATE ON reset_deliveries
    WHEN NEW.kind = 'reset_link' AND (OLD.failed_at IS NULL) <> (NEW.failed_at IS NULL)
 BEGIN
    UPDATE password_resets SET mail_failed = EXISTS (
        SELECT 1 FROM reset_deliveries d WHERE d.reset_id = NEW.reset_id AND d.kind = 'reset_link' AND d.failed_at IS NOT NULL)
    WHERE id = NEW.reset_id;
END;
-- +goose StatementEnd
-- What the overview counts the domains of.
CREATE INDEX reset_deliveries_failed ON reset_deliveries (created_at DESC, reset_id DESC) WHERE failed_at IS NOT NULL AND kind = 'reset_link';
-- The overview's sums, kept by the statements that change the rows.
CREATE TABLE reset_days (
    day         TEXT    PRIMARY KEY,
    asked       INTEGER NOT NULL DEFAULT 0,
    delivered   INTEGER NOT NULL DEFAULT 0,
    opened      INTEGER NOT NULL DEFAULT 0,
    used        INTEGER NOT NULL DEFAULT 0,
    no_account  INTEGER NOT NULL DEFAULT 0,
    inactive    INTEGER NOT NULL DEFAULT 0,
    throttled   INTEGER NOT NULL DEFAULT 0,
    no_password INTEGER NOT NULL DEFAULT 0
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER reset_days_asked AFTER INSERT ON password_resets BEGIN
    INSERT INTO reset_days (day, asked, opened, used, no_account, inactive, throttled, no_password)
    VALUES (substr(NEW.created_at, 1, 10), 1, (NEW.opened_at IS NOT NULL), (NEW.used_at IS NOT NULL), (NEW.withheld IS 'no_account'), (NEW.withheld IS 'inactive'), (NEW.withheld IS 'throttled'), (NEW.withheld IS 'no_password'))
    ON CONFLICT (day) DO UPDATE SET asked = asked + excluded.asked, opened = opened + excluded.opened, used = used + excluded.used, no_account = no_account + excluded.no_account, inactive = inactive + excluded.inactive, throttled = throttled + excluded.throttled, no_password = no_password + excluded.no_password;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_days_changed AFTER UPDATE ON password_resets
    WHEN OLD.created_at <> NEW.created_at OR (OLD.opened_at IS NULL) <> (NEW.opened_at IS NULL)
        OR (OLD.used_at IS NULL) <> (NEW.used_at IS NULL) OR OLD.withheld IS NOT NEW.withheld
 BEGIN
    INSERT INTO reset_days (day, asked, opened, used, no_account, inactive, throttled, no_password)
    VALUES (substr(OLD.created_at, 1, 10), -1, -(OLD.opened_at IS NOT NULL), -(OLD.used_at IS NOT NULL), -(OLD.withheld IS 'no_account'), -(OLD.withheld IS 'inactive'), -(OLD.withheld IS 'throttled'), -(OLD.withheld IS 'no_password'))
    ON CONFLICT (day) DO UPDATE SET asked = asked + excluded.asked, opened = opened + excluded.opened, used = used + excluded.used, no_account = no_account + excluded.no_account, inactive = inactive + excluded.inactive, throttled = throttled + excluded.throttled, no_password = no_password + excluded.no_password;
    INSERT INTO reset_days (day, asked, opened, used, no_account, inactive, throttled, no_password)
    VALUES (substr(NEW.created_at, 1, 10), 1, (NEW.opened_at IS NOT NULL), (NEW.used_at IS NOT NULL), (NEW.withheld IS 'no_account'), (NEW.withheld IS 'inactive'), (NEW.withheld IS 'throttled'), (NEW.withheld IS 'no_password'))
    ON CONFLICT (day) DO UPDATE SET asked = asked + excluded.asked, opened = opened + excluded.opened, used = used + excluded.used, no_account = no_account + excluded.no_account, inactive = inactive + excluded.inactive, throttled = throttled + excluded.throttled, no_password = no_password + excluded.no_password;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_days_purged AFTER DELETE ON password_resets BEGIN
    INSERT INTO reset_days (day, asked, opened, used, no_account, inactive, throttled, no_password)
    VALUES (substr(OLD.created_at, 1, 10), -1, -(OLD.opened_at IS NOT NULL), -(OLD.used_at IS NOT NULL), -(OLD.withheld IS 'no_account'), -(OLD.withheld IS 'inactive'), -(OLD.withheld IS 'throttled'), -(OLD.withheld IS 'no_password'))
    ON CONFLICT (day) DO UPDATE SET asked = asked + excluded.asked, opened = opened + excluded.opened, used = used + excluded.used, no_account = no_account + excluded.no_account, inactive = inactive + excluded.inactive, throttled = throttled + excluded.throttled, no_password = no_password + excluded.no_password;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_days_sent AFTER INSERT ON reset_deliveries
    WHEN NEW.kind = 'reset_link' AND NEW.sent_at IS NOT NULL
 BEGIN
    INSERT INTO reset_days (day, delivered) VALUES (substr(NEW.created_at, 1, 10), 1)
    ON CONFLICT (day) DO UPDATE SET delivered = delivered + excluded.delivered;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_days_delivered AFTER UPDATE ON reset_deliveries
    WHEN NEW.kind = 'reset_link' AND (OLD.sent_at IS NULL) <> (NEW.sent_at IS NULL)
 BEGIN
    INSERT INTO reset_days (day, delivered) VALUES (substr(NEW.created_at, 1, 10), CASE WHEN NEW.sent_at IS NULL THEN -1 ELSE 1 END)
    ON CONFLICT (day) DO UPDATE SET delivered = delivered + excluded.delivered;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_days_undelivered AFTER DELETE ON reset_deliveries
    WHEN OLD.kind = 'reset_link' AND OLD.sent_at IS NOT NULL
 BEGIN
    INSERT INTO reset_days (day, delivered) VALUES (substr(OLD.created_at, 1, 10), -1)
    ON CONFLICT (day) DO UPDATE SET delivered = delivered + excluded.delivered;
END;
-- +goose StatementEnd
INSERT INTO reset_days (day, asked, opened, used, no_account, inactive, throttled, no_password)
SELECT substr(created_at, 1, 10), count(*), count(opened_at), count(used_at),
    count(*) FILTER (WHERE withheld = 'no_account'), count(*) FILTER (WHERE withheld = 'inactive'),
    count(*) FILTER (WHERE withheld = 'throttled'), count(*) FILTER (WHERE withheld = 'no_password')
FROM password_resets GROUP BY 1;
INSERT INTO reset_days (day, delivered)
SELECT substr(created_at, 1, 10), count(*) FROM reset_deliveries WHERE kind = 'reset_link' AND sent_at IS NOT NULL GROUP BY 1
ON CONFLICT (day) DO UPDATE SET delivered = excluded.delivered;

-- +goose Down
DROP TRIGGER reset_days_undelivered;
DROP TRIGGER reset_days_delivered;
DROP TRIGGER reset_days_sent;
DROP TRIGGER reset_days_purged;
DROP TRIGGER reset_days_changed;
DROP TRIGGER reset_days_asked;
DROP TABLE reset_days;
DROP INDEX reset_deliveries_failed;
DROP TRIGGER reset_mail_failed;
DROP TRIGGER reset_mail_failed_at_once;
DROP INDEX password_resets_failed_by_email;
DROP INDEX password_resets_failed_by_account;
DROP INDEX password_resets_failed;
ALTER TABLE password_resets DROP COLUMN mail_failed;
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
