-- resetd's tables on SQLite. postgres/00001_schema.sql has the same tables,
-- columns and indexes under the same names. Numbers that stand for booleans have
-- one more constraint here. All times are in UTC, written as
-- 2006-01-02 15:04:05.000000+00:00, so the text sorts like the time.

-- +goose Up

-- The record: one row for each reset that was requested. The row stays when the
-- reset is over, until resetd purge removes it.
CREATE TABLE password_resets (
    id               TEXT    NOT NULL, -- random UUID (version 4); it is not a secret, staff see it
    created_at       TEXT    NOT NULL, -- when it was requested
    expires_at       TEXT    NOT NULL, -- from this moment the link does not work
    user_id          TEXT,             -- the account's key; NULL until the account was looked up, and if there is none. No foreign key: the row stays when the account is deleted
    email            TEXT    NOT NULL, -- the requested address, normalised
    created_by_ip    TEXT    NOT NULL, -- who requested it
    created_by_agent TEXT    NOT NULL DEFAULT '', -- User-Agent of the request
    requested_by     TEXT    NOT NULL DEFAULT 'user', -- user, rescue (after "this wasn't me"), staff:NAME or api:NAME
    withheld         TEXT,             -- why no link was made; NULL if there is a link or the account was not looked up yet
    account_state    TEXT,             -- keyed digest of the account's address and password hash when the link was made; when either changes, the link is dead. NULL: no link
    mail             TEXT,             -- waiting, accepted (by the mail server), unknown (handed over, no answer), failed or bounced; NULL: no email is due
    opened_at        TEXT,             -- when a person first opened the link
    opened_by_ip     TEXT,
    used_at          TEXT,             -- when the new password was set
    used_by_ip       TEXT,
    used_by_agent    TEXT,
    revoked_at       TEXT,             -- when the link was ended before it expired
    revoked_by       TEXT,             -- other_link (another link of the account was used), account_changed, not_me, staff:NAME or api:NAME
    CONSTRAINT password_resets_by_id                  PRIMARY KEY (id),
    CONSTRAINT password_resets_expires_after_creation CHECK (expires_at > created_at),
    CONSTRAINT password_resets_requested_by_known     CHECK (requested_by IN ('user', 'rescue') OR requested_by LIKE 'staff:_%' OR requested_by LIKE 'api:_%'),
    CONSTRAINT password_resets_withheld_known         CHECK (withheld IN ('no_account', 'inactive', 'throttled', 'no_password', 'unmatched')),
    CONSTRAINT password_resets_state_has_account      CHECK (account_state IS NULL OR (user_id IS NOT NULL AND withheld IS NULL)),
    CONSTRAINT password_resets_mail_known             CHECK (mail IN ('waiting', 'accepted', 'unknown', 'failed', 'bounced')),
    CONSTRAINT password_resets_opened_has_state       CHECK (opened_at IS NULL OR account_state IS NOT NULL),
    CONSTRAINT password_resets_opened_has_ip          CHECK ((opened_at IS NULL) = (opened_by_ip IS NULL)),
    CONSTRAINT password_resets_used_has_state         CHECK (used_at IS NULL OR account_state IS NOT NULL),
    CONSTRAINT password_resets_used_has_ip            CHECK ((used_at IS NULL) = (used_by_ip IS NULL)),
    CONSTRAINT password_resets_used_in_time           CHECK (used_at < expires_at),
    CONSTRAINT password_resets_used_or_revoked        CHECK (used_at IS NULL OR revoked_at IS NULL),
    CONSTRAINT password_resets_revoked_has_author     CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT password_resets_revoked_by_known       CHECK (revoked_by IN ('other_link', 'account_changed', 'not_me') OR revoked_by LIKE 'staff:_%' OR revoked_by LIKE 'api:_%')
) STRICT;
-- One index for each question, newest first; the sixth is the primary key.
-- "What was requested lately?", "with this part of an address?", "which requests
-- got no link?" The last two read only the index.
CREATE INDEX password_resets_by_time          ON password_resets (created_at, id, email, withheld, revoked_at);
-- "What happened to this account?"
CREATE INDEX password_resets_by_account       ON password_resets (user_id, created_at, id);
-- "What was requested for this address?"
CREATE INDEX password_resets_by_address       ON password_resets (email, created_at, id);
-- "What was requested from this IP address, or from this network?"
CREATE INDEX password_resets_by_requesting_ip ON password_resets (created_by_ip, created_at, id);
-- "Which links were used from this IP address, or from this network?"
CREATE INDEX password_resets_by_using_ip      ON password_resets (used_by_ip, created_at, id) WHERE used_by_ip IS NOT NULL;

-- The email queue: one row for each email, written in the transaction that makes
-- the email due. It contains neither text nor secrets.
CREATE TABLE reset_deliveries (
    id              TEXT    NOT NULL,
    reset_id        TEXT,             -- NULL: the email belongs to no reset
    user_id         TEXT,             -- the account of the email; NULL until it was looked up, and if there is none
    created_at      TEXT    NOT NULL,
    ip              TEXT,             -- the client that caused the email, if its reset does not record one
    agent           TEXT    NOT NULL DEFAULT '',
    kind            TEXT    NOT NULL,
    recipient       TEXT,             -- the account's address; until the account was looked up, the typed address. NULL: nothing is sent
    locale          TEXT    NOT NULL DEFAULT '', -- language of the email
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,             -- when it is due, or when the lease of the worker that holds it ends; NULL: settled
    sent_at         TEXT,             -- when a mail server accepted it
    failed_at       TEXT,             -- when it was given up
    last_reply      TEXT    NOT NULL DEFAULT '', -- the mail server's last reply
    last_server     TEXT    NOT NULL DEFAULT '', -- that mail server, host:port
    message_id      TEXT    NOT NULL DEFAULT '', -- Message-ID of the email, to find it in the log of a mail server
    denied_at       TEXT,             -- when the "this wasn't me" of this notice was used; it works once
    rescue_id       TEXT,             -- the id of the reset that it made; no such reset: no link was possible
    bounced_at      TEXT,             -- when it was recorded that the email came back
    CONSTRAINT reset_deliveries_by_id          PRIMARY KEY (id),
    CONSTRAINT reset_deliveries_of_reset       FOREIGN KEY (reset_id) REFERENCES password_resets (id) ON DELETE CASCADE,
    CONSTRAINT reset_deliveries_kind_known     CHECK (kind IN ('reset_link', 'rescue', 'no_link', 'password_changed', 'signup_confirm', 'signup_exists', 'desk_check')),
    CONSTRAINT reset_deliveries_link_has_reset CHECK (kind NOT IN ('reset_link', 'rescue') OR reset_id IS NOT NULL),
    CONSTRAINT reset_deliveries_settled_once   CHECK (sent_at IS NULL OR failed_at IS NULL),
    CONSTRAINT reset_deliveries_settled        CHECK (next_attempt_at IS NULL OR (sent_at IS NULL AND failed_at IS NULL)),
    CONSTRAINT reset_deliveries_sent_to        CHECK (sent_at IS NULL OR recipient IS NOT NULL),
    CONSTRAINT reset_deliveries_bounced_once   CHECK (bounced_at IS NULL OR (recipient IS NOT NULL AND failed_at IS NULL)),
    CONSTRAINT reset_deliveries_denied         CHECK ((denied_at IS NULL) = (rescue_id IS NULL)),
    CONSTRAINT reset_deliveries_denied_notice  CHECK (denied_at IS NULL OR kind = 'password_changed')
) STRICT;
-- The emails that are due. Settled emails do not slow this index down.
CREATE INDEX reset_deliveries_due      ON reset_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX reset_deliveries_by_reset ON reset_deliveries (reset_id) WHERE reset_id IS NOT NULL;
-- "Which emails did this account get that belong to no reset?"
CREATE INDEX reset_deliveries_by_account ON reset_deliveries (user_id, created_at) WHERE reset_id IS NULL AND user_id IS NOT NULL;
-- Which mail servers refuse, return or delay emails, for the overview.
CREATE INDEX reset_deliveries_troubled ON reset_deliveries (created_at) WHERE failed_at IS NOT NULL OR bounced_at IS NOT NULL OR attempts > 1;
-- For resetd purge: the deliveries that belong to no reset.
CREATE INDEX reset_deliveries_old      ON reset_deliveries (created_at) WHERE reset_id IS NULL;

-- What happened to a reset beyond its row, and to an account: one row for each
-- open, refused attempt and delivery attempt, and for each sign-in, lock and
-- change of an account. Append-only, see reset_purge.
CREATE TABLE reset_events (
    id       INTEGER NOT NULL CONSTRAINT reset_events_by_id PRIMARY KEY AUTOINCREMENT,
    reset_id TEXT,             -- NULL: the event belongs only to an account
    user_id  TEXT,             -- the account; NULL if reset_id is set, except of a "this wasn't me"
    at       TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    actor    TEXT    NOT NULL, -- user, scanner (a suspicion), resetd (the worker), operator (the command line), or staff:NAME
    ip       TEXT,             -- NULL: no HTTP request caused it
    agent    TEXT    NOT NULL DEFAULT '', -- User-Agent; at a delivery attempt, the mail server
    detail   TEXT    NOT NULL DEFAULT '', -- a reason, a rule, a mail server's reply, or the number of one of many equal events
    CONSTRAINT reset_events_of_reset       FOREIGN KEY (reset_id) REFERENCES password_resets (id) ON DELETE CASCADE,
    CONSTRAINT reset_events_have_a_subject CHECK (reset_id IS NOT NULL OR user_id IS NOT NULL)
) STRICT;
CREATE INDEX reset_events_by_reset   ON reset_events (reset_id, id) WHERE reset_id IS NOT NULL;
CREATE INDEX reset_events_by_account ON reset_events (user_id, id) WHERE user_id IS NOT NULL;
-- For resetd purge: the events that belong to no reset.
CREATE INDEX reset_events_old        ON reset_events (at) WHERE reset_id IS NULL;

-- What staff and operators did or were refused. Append-only, see reset_purge. No
-- foreign key to the members: the row stays when a member is removed.
CREATE TABLE reset_audit (
    id      INTEGER NOT NULL CONSTRAINT reset_audit_by_id PRIMARY KEY AUTOINCREMENT,
    at      TEXT    NOT NULL,
    member  TEXT    NOT NULL,            -- the name
    role    TEXT    NOT NULL DEFAULT '', -- the role at that time
    action  TEXT    NOT NULL,
    target  TEXT    NOT NULL DEFAULT '', -- a reset, an account, a member or a search
    refused TEXT    NOT NULL DEFAULT '', -- why it was refused or failed; empty: it was allowed
    reason  TEXT    NOT NULL DEFAULT '', -- from the member
    caller  TEXT    NOT NULL DEFAULT '', -- verified: by a code, before this action; unverified: although RESETD_DESK_CHECK asks for it; empty: it does not, or another action
    ip      TEXT,
    agent   TEXT    NOT NULL DEFAULT '',
    CONSTRAINT reset_audit_has_action CHECK (action <> ''),
    CONSTRAINT reset_audit_caller_known CHECK (caller IN ('', 'verified', 'unverified'))
) STRICT;
CREATE INDEX reset_audit_by_time   ON reset_audit (at);
CREATE INDEX reset_audit_by_target ON reset_audit (target, id);

-- Permission to remove rows from the two append-only tables. resetd purge inserts
-- a row here, removes old rows, and deletes its row again, in one transaction. No
-- other transaction ever sees that row, so the triggers refuse everybody else.
-- They protect against mistakes and against other programs, not against the owner
-- of the tables, who can drop the triggers.
CREATE TABLE reset_purge (
    started_at TEXT NOT NULL
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER reset_events_append_only BEFORE UPDATE ON reset_events
BEGIN SELECT RAISE(ABORT, 'reset_events is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_events_not_emptied BEFORE DELETE ON reset_events WHEN NOT EXISTS (SELECT 1 FROM reset_purge)
BEGIN SELECT RAISE(ABORT, 'reset_events is append-only: only resetd purge removes rows'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_audit_append_only BEFORE UPDATE ON reset_audit
BEGIN SELECT RAISE(ABORT, 'reset_audit is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_audit_not_emptied BEFORE DELETE ON reset_audit WHEN NOT EXISTS (SELECT 1 FROM reset_purge)
BEGIN SELECT RAISE(ABORT, 'reset_audit is append-only: only resetd purge removes rows'); END;
-- +goose StatementEnd
-- INSERT OR REPLACE removes a row without running the DELETE triggers.
-- +goose StatementBegin
CREATE TRIGGER reset_events_not_replaced BEFORE INSERT ON reset_events WHEN EXISTS (SELECT 1 FROM reset_events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'reset_events is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reset_audit_not_replaced BEFORE INSERT ON reset_audit WHEN EXISTS (SELECT 1 FROM reset_audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'reset_audit is append-only'); END;
-- +goose StatementEnd

-- For the overview: how many resets were requested in each hour, by their state. It
-- contains no address, account or network, so its rows may stay when the resets are
-- removed.
CREATE TABLE reset_hours (
    hour             TEXT    NOT NULL, -- its beginning
    requested        INTEGER NOT NULL,
    no_account       INTEGER NOT NULL, -- of these, withheld for this reason
    inactive         INTEGER NOT NULL,
    throttled        INTEGER NOT NULL,
    no_password      INTEGER NOT NULL,
    unmatched        INTEGER NOT NULL,
    mail_accepted    INTEGER NOT NULL, -- of these, by the state of the email with the link
    mail_unknown     INTEGER NOT NULL,
    mail_failed      INTEGER NOT NULL,
    mail_bounced     INTEGER NOT NULL,
    opened           INTEGER NOT NULL,
    revoked          INTEGER NOT NULL,
    used             INTEGER NOT NULL,
    used_within_1m   INTEGER NOT NULL, -- of the used ones, how long after the request: at most one minute, two, ...
    used_within_2m   INTEGER NOT NULL,
    used_within_3m   INTEGER NOT NULL,
    used_within_5m   INTEGER NOT NULL,
    used_within_10m  INTEGER NOT NULL,
    used_within_15m  INTEGER NOT NULL,
    used_within_20m  INTEGER NOT NULL,
    used_within_30m  INTEGER NOT NULL,
    used_within_45m  INTEGER NOT NULL,
    used_within_60m  INTEGER NOT NULL,
    used_within_360m INTEGER NOT NULL,
    CONSTRAINT reset_hours_by_hour PRIMARY KEY (hour)
) STRICT;

-- Sessions of signed-in users and of visitors who follow a link.
CREATE TABLE reset_sessions (
    token_hash TEXT    NOT NULL, -- of the cookie
    user_id    TEXT,             -- the signed-in account; NULL: nobody
    data       TEXT    NOT NULL,
    expires_at TEXT    NOT NULL,
    CONSTRAINT reset_sessions_by_token PRIMARY KEY (token_hash)
) STRICT;
CREATE INDEX reset_sessions_by_account ON reset_sessions (user_id);
CREATE INDEX reset_sessions_by_expiry  ON reset_sessions (expires_at);

-- The counters of the rate limits, and of equal events of one link.
CREATE TABLE reset_limits (
    key     TEXT    NOT NULL, -- what is counted; typed texts and networks as a keyed digest
    count   INTEGER NOT NULL,
    ends_at TEXT    NOT NULL, -- when the counter starts again
    owner   TEXT,             -- keyed digest of the account whose failed sign-ins are counted; NULL: another limit
    CONSTRAINT reset_limits_by_key PRIMARY KEY (key)
) STRICT;
CREATE INDEX reset_limits_by_end   ON reset_limits (ends_at);
-- The locks of an account, which a new password or staff lift.
CREATE INDEX reset_limits_by_owner ON reset_limits (owner) WHERE owner IS NOT NULL;

-- The permission to set a password while the accounts are in another database. The row
-- is written before the password is set, and removed with the outcome. What a process
-- leaves behind is settled by any other.
CREATE TABLE reset_claims (
    id         TEXT NOT NULL,
    reset_id   TEXT,          -- the reset whose link is used; NULL: a "this wasn't me"
    notice_id  TEXT,          -- the notice with the "this wasn't me"
    user_id    TEXT NOT NULL,
    claimed_at TEXT NOT NULL, -- when the form was sent: used_at, if the password is set
    ip         TEXT,          -- who sent it
    agent      TEXT NOT NULL DEFAULT '',
    old_hash   TEXT NOT NULL, -- keyed digest of the password hash that is replaced
    new_hash   TEXT NOT NULL, -- keyed digest of the hash that replaces it
    held_until TEXT,          -- no other request gets a claim until then; NULL: given up, and kept to recognise a late commit
    keep_until TEXT NOT NULL, -- how long it is kept then
    CONSTRAINT reset_claims_by_id      PRIMARY KEY (id),
    CONSTRAINT reset_claims_of_reset   FOREIGN KEY (reset_id) REFERENCES password_resets (id) ON DELETE CASCADE,
    CONSTRAINT reset_claims_of_notice  FOREIGN KEY (notice_id) REFERENCES reset_deliveries (id) ON DELETE CASCADE,
    CONSTRAINT reset_claims_one_target CHECK ((reset_id IS NULL) <> (notice_id IS NULL))
) STRICT;
-- One request holds a claim.
CREATE UNIQUE INDEX reset_claims_one_reset  ON reset_claims (reset_id) WHERE held_until IS NOT NULL;
CREATE UNIQUE INDEX reset_claims_one_notice ON reset_claims (notice_id) WHERE held_until IS NOT NULL;
CREATE INDEX reset_claims_by_account        ON reset_claims (user_id);

-- The checks by which staff verify a caller: a code is sent to the stored address, and the
-- caller reads it to staff. The code is made from the id and the key, and not stored.
CREATE TABLE reset_checks (
    id         TEXT    NOT NULL,
    user_id    TEXT    NOT NULL, -- the account whose owner the caller claims to be
    asked_by   TEXT    NOT NULL, -- staff:NAME
    asked_at   TEXT    NOT NULL,
    expires_at TEXT    NOT NULL, -- from then on no code can be typed; a newer check of the account ends it
    tries      INTEGER NOT NULL DEFAULT 0,
    passed_at  TEXT,             -- when the right code was typed
    passed_by  TEXT,             -- staff:NAME
    CONSTRAINT reset_checks_by_id         PRIMARY KEY (id),
    CONSTRAINT reset_checks_few_tries     CHECK (tries BETWEEN 0 AND 3),
    CONSTRAINT reset_checks_passed_by_try CHECK (passed_at IS NULL OR tries > 0),
    CONSTRAINT reset_checks_passed_by     CHECK ((passed_at IS NULL) = (passed_by IS NULL))
) STRICT;
CREATE INDEX reset_checks_by_account ON reset_checks (user_id, asked_at);
-- For resetd purge.
CREATE INDEX reset_checks_by_time    ON reset_checks (asked_at);

-- Support staff.
CREATE TABLE reset_staff (
    id            TEXT    NOT NULL,
    name          TEXT    NOT NULL, -- to sign in with, ignoring case
    role          TEXT    NOT NULL,
    password_hash TEXT,             -- NULL: none was chosen yet
    totp          TEXT,             -- TOTP secret, encrypted; NULL: signs in without a code
    totp_step     INTEGER NOT NULL DEFAULT 0, -- the time step of the last code, so no code works twice
    active        INTEGER NOT NULL DEFAULT 1,
    created_at    TEXT    NOT NULL,
    link_id         TEXT,           -- of the newest one-time link, which also needs the key; NULL: there is none, or it was ended
    link_expires_at TEXT,
    link_used_at    TEXT,
    oidc_issuer     TEXT,           -- who signs in with OpenID Connect; NULL: with a password
    oidc_subject    TEXT,
    CONSTRAINT reset_staff_by_id          PRIMARY KEY (id),
    CONSTRAINT reset_staff_active_is_bool CHECK (active IN (0, 1)),
    CONSTRAINT reset_staff_name_fits      CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT reset_staff_role_known     CHECK (role IN ('viewer', 'sender', 'agent', 'admin')),
    CONSTRAINT reset_staff_has_password   CHECK (password_hash <> ''),
    CONSTRAINT reset_staff_totp_is_text   CHECK (totp <> ''),
    CONSTRAINT reset_staff_by_link        UNIQUE (link_id),
    CONSTRAINT reset_staff_by_subject     UNIQUE (oidc_issuer, oidc_subject),
    CONSTRAINT reset_staff_one_sign_in    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL) AND (oidc_subject IS NULL OR password_hash IS NULL AND totp IS NULL AND link_id IS NULL)),
    CONSTRAINT reset_staff_link_expires   CHECK ((link_id IS NULL) = (link_expires_at IS NULL)),
    CONSTRAINT reset_staff_link_used      CHECK (link_used_at IS NULL OR link_id IS NOT NULL AND password_hash IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX reset_staff_by_name ON reset_staff (lower(name));

-- Sessions of staff members.
CREATE TABLE reset_staff_sessions (
    token_hash TEXT    NOT NULL, -- of the cookie
    staff_id   TEXT,             -- NULL: not signed in yet
    data       TEXT    NOT NULL,
    expires_at TEXT    NOT NULL,
    CONSTRAINT reset_staff_sessions_by_token  PRIMARY KEY (token_hash),
    CONSTRAINT reset_staff_sessions_of_member FOREIGN KEY (staff_id) REFERENCES reset_staff (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX reset_staff_sessions_by_member ON reset_staff_sessions (staff_id);
CREATE INDEX reset_staff_sessions_by_expiry ON reset_staff_sessions (expires_at);

-- The SHA-256 digest of each schema file that made these tables. A binary whose
-- files differ refuses the database.
CREATE TABLE reset_schema (
    file   TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT reset_schema_by_file PRIMARY KEY (file)
) STRICT;

-- The keys that signed links, to notice an instance with another key.
CREATE TABLE reset_keys (
    fingerprint TEXT        NOT NULL, -- keyed digest; it reveals nothing about the key
    used_at     TEXT        NOT NULL, -- when an instance last started with this key
    CONSTRAINT reset_keys_by_fingerprint PRIMARY KEY (fingerprint)
);

-- +goose Down
DROP TABLE reset_keys;
DROP TABLE reset_schema;
DROP TABLE reset_staff_sessions;
DROP TABLE reset_staff;
DROP TABLE reset_checks;
DROP TABLE reset_limits;
DROP TABLE reset_sessions;
DROP TABLE reset_hours;
DROP TABLE reset_audit;
DROP TABLE reset_events;
DROP TABLE reset_purge;
DROP TABLE reset_claims;
DROP TABLE reset_deliveries;
DROP TABLE password_resets;
