-- mix phx.gen.auth of Phoenix 1.7: phoenixframework/phoenix, priv/templates/phx.gen.auth/migration.ex.
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE users (id bigserial PRIMARY KEY, email citext NOT NULL, hashed_password varchar(255), confirmed_at timestamp(0), inserted_at timestamp(0) NOT NULL, updated_at timestamp(0) NOT NULL);
CREATE UNIQUE INDEX users_email_index ON users (email);
CREATE TABLE users_tokens (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users(id) ON DELETE CASCADE, token bytea NOT NULL, context varchar(255) NOT NULL, sent_to varchar(255), inserted_at timestamp(0) NOT NULL);
CREATE INDEX users_tokens_user_id_index ON users_tokens (user_id);
