-- +goose Up
-- No foreign key to the members: what was done stays, whoever goes.
CREATE TABLE reset_audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT    NOT NULL,
    member  TEXT    NOT NULL,
    role    TEXT    NOT NULL DEFAULT '',
    action  TEXT    NOT NULL,
    target  TEXT    NOT NULL DEFAULT '',
    refused TEXT    NOT NULL DEFAULT '',
    reason  TEXT    NOT NULL DEFAULT '',
    ip      TEXT,
    agent   TEXT    NOT NULL DEFAULT '',
    CONSTRAINT reset_audit_has_action CHECK (action <> '')
) STRICT;
-- newest first: all by the primary key, what one member did, what was done to one target
CREATE INDEX reset_audit_by_member ON reset_audit (member, id DESC);
CREATE INDEX reset_audit_by_target ON reset_audit (target, id DESC);

-- +goose StatementBegin
CREATE TRIGGER reset_audit_is_not_changed BEFORE UPDATE ON reset_audit
BEGIN
    SELECT RAISE(ABORT, 'reset_audit is only ever appended to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_audit_is_not_deleted BEFORE DELETE ON reset_audit
BEGIN
    SELECT RAISE(ABORT, 'reset_audit is only ever appended to');
END;
-- +goose StatementEnd
-- INSERT OR REPLACE deletes without asking the trigger above.
-- +goose StatementBegin
CREATE TRIGGER reset_audit_is_not_replaced BEFORE INSERT ON reset_audit
WHEN EXISTS (SELECT 1 FROM reset_audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'reset_audit is only ever appended to');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE reset_audit;
