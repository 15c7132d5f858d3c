-- The least that a reset request has to write, as a reference.
CREATE TABLE accounts (id uuid PRIMARY KEY, email text NOT NULL);
INSERT INTO accounts SELECT gen_random_uuid(), 'user' || i || '@example.org' FROM generate_series(1, 20000) AS i;
CREATE UNIQUE INDEX accounts_by_email ON accounts (lower(email));
CREATE TABLE requests (
    id         uuid        PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid,
    email      text        NOT NULL,
    ip         inet        NOT NULL,
    agent      text        NOT NULL
);
CREATE INDEX requests_by_account ON requests (account_id, created_at);
CREATE INDEX requests_by_time ON requests (created_at);
CREATE INDEX requests_by_ip ON requests (ip, created_at);
CREATE TABLE mails (id bigserial PRIMARY KEY, request_id uuid NOT NULL, due_at timestamptz);
CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
ANALYZE accounts;
