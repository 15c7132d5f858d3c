-- +goose Up
CREATE TABLE reset_deliveries (
    id              uuid        PRIMARY KEY,
    reset_id        uuid        REFERENCES password_resets (id) ON DELETE CASCADE,
    kind            text        NOT NULL,
    user_id         text,
    recipient       text,
    locale          text        NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    ip              inet,
    agent           text        NOT NULL DEFAULT '',
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    sent_at         timestamptz,
    failed_at       timestamptz,
    last_reply      text        NOT NULL DEFAULT '',
    CONSTRAINT reset_deliveries_kind_known     CHECK (kind IN ('reset_link', 'password_changed', 'signup_confirm', 'signup_exists')),
    CONSTRAINT reset_deliveries_link_has_reset CHECK (kind <> 'reset_link' OR reset_id IS NOT NULL),
    CONSTRAINT reset_deliveries_settled_once   CHECK (sent_at IS NULL OR failed_at IS NULL),
    CONSTRAINT reset_deliveries_settled        CHECK (next_attempt_at IS NULL OR (sent_at IS NULL AND failed_at IS NULL)),
    CONSTRAINT reset_deliveries_sent_to        CHECK (sent_at IS NULL OR recipient IS NOT NULL)
);
-- the queue is what is not settled, however long the past
CREATE INDEX reset_deliveries_due      ON reset_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX reset_deliveries_by_reset ON reset_deliveries (reset_id);

-- +goose Down
DROP TABLE reset_deliveries;
