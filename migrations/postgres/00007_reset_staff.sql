-- +goose Up
CREATE TABLE reset_staff (
    id            uuid        PRIMARY KEY,
    name          text        NOT NULL,
    role          text        NOT NULL,
    password_hash text        NOT NULL,
    totp          text,
    totp_step     bigint      NOT NULL DEFAULT 0,
    active        boolean     NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL,
    CONSTRAINT reset_staff_name_fits    CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT reset_staff_role_known   CHECK (role IN ('viewer', 'agent', 'admin')),
    CONSTRAINT reset_staff_has_password CHECK (password_hash <> ''),
    CONSTRAINT reset_staff_totp_is_text CHECK (totp <> '')
);
CREATE UNIQUE INDEX reset_staff_by_name ON reset_staff (lower(name));

CREATE TABLE reset_staff_sessions (
    token_hash text        PRIMARY KEY,
    staff_id   uuid        REFERENCES reset_staff (id) ON DELETE CASCADE,
    data       text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX reset_staff_sessions_by_member ON reset_staff_sessions (staff_id);
CREATE INDEX reset_staff_sessions_by_expiry ON reset_staff_sessions (expires_at);

-- +goose Down
DROP TABLE reset_staff_sessions;
DROP TABLE reset_staff;
