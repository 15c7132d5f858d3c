-- +goose Up
-- No foreign key to the members: what was done stays, whoever goes.
CREATE TABLE reset_audit (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    member  text        NOT NULL,
    role    text        NOT NULL DEFAULT '',
    action  text        NOT NULL,
    target  text        NOT NULL DEFAULT '',
    refused text        NOT NULL DEFAULT '',
    reason  text        NOT NULL DEFAULT '',
    ip      inet,
    agent   text        NOT NULL DEFAULT '',
    CONSTRAINT reset_audit_has_action CHECK (action <> '')
);
-- newest first: all by the primary key, what one member did, what was done to one target
CREATE INDEX reset_audit_by_member ON reset_audit (member, id DESC);
CREATE INDEX reset_audit_by_target ON reset_audit (target, id DESC);

-- +goose StatementBegin
CREATE FUNCTION reset_audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reset_audit is only ever appended to';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER reset_audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON reset_audit
    FOR EACH STATEMENT EXECUTE FUNCTION reset_audit_only_grows();

-- +goose Down
DROP TABLE reset_audit;
DROP FUNCTION reset_audit_only_grows();
