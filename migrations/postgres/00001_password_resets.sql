-- +goose Up
CREATE TABLE password_resets (
    id               uuid        PRIMARY KEY,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    user_id          text,
    email            text        NOT NULL,
    created_by_ip    inet        NOT NULL,
    created_by_agent text        NOT NULL DEFAULT '',
    requested_by     text        NOT NULL DEFAULT 'user',
    withheld         text,
    account_state    text,
    opened_at        timestamptz,
    opened_by_ip     inet,
    used_at          timestamptz,
    used_by_ip       inet,
    used_by_agent    text,
    revoked_at       timestamptz,
    revoked_by       text,
    CONSTRAINT password_resets_expires_after_creation CHECK (expires_at > created_at),
    CONSTRAINT password_resets_requested_by_known     CHECK (requested_by = 'user' OR requested_by LIKE 'staff:_%' OR requested_by LIKE 'api:_%'),
    CONSTRAINT password_resets_withheld_known         CHECK (withheld IN ('no_account', 'inactive', 'throttled', 'no_password')),
    CONSTRAINT password_resets_link_has_account       CHECK (withheld IS NOT NULL OR (user_id IS NOT NULL AND account_state IS NOT NULL)),
    CONSTRAINT password_resets_withheld_has_no_link   CHECK (withheld IS NULL OR (opened_at IS NULL AND used_at IS NULL)),
    CONSTRAINT password_resets_opened_has_ip          CHECK ((opened_at IS NULL) = (opened_by_ip IS NULL)),
    CONSTRAINT password_resets_used_has_ip            CHECK ((used_at IS NULL) = (used_by_ip IS NULL)),
    CONSTRAINT password_resets_used_in_time           CHECK (used_at < expires_at),
    CONSTRAINT password_resets_revoked_has_author     CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT password_resets_revoked_by_known       CHECK (revoked_by IN ('superseded', 'account_changed', 'not_me') OR revoked_by LIKE 'staff:_%' OR revoked_by LIKE 'api:_%'),
    CONSTRAINT password_resets_used_or_revoked        CHECK (used_at IS NULL OR revoked_at IS NULL)
);
-- one for each question that is asked of the record, newest first
CREATE INDEX password_resets_by_time    ON password_resets (created_at DESC, id DESC);
CREATE INDEX password_resets_by_account ON password_resets (user_id, created_at DESC, id DESC);
CREATE INDEX password_resets_by_email   ON password_resets (email, created_at DESC, id DESC);
CREATE INDEX password_resets_by_ip      ON password_resets (created_by_ip, created_at DESC, id DESC);
CREATE INDEX password_resets_by_used_ip ON password_resets (used_by_ip, created_at DESC, id DESC) WHERE used_by_ip IS NOT NULL;

-- +goose Down
DROP TABLE password_resets;
