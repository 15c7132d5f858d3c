-- mix phx.gen.auth of Phoenix 1.7: phoenixframework/phoenix, priv/templates/phx.gen.auth/migration.ex.
CREATE TABLE users (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(160) NOT NULL, hashed_password varchar(255), confirmed_at datetime, inserted_at datetime NOT NULL, updated_at datetime NOT NULL);
CREATE UNIQUE INDEX users_email_index ON users (email);
CREATE TABLE users_tokens (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id bigint unsigned NOT NULL REFERENCES users(id) ON DELETE CASCADE, token varbinary(255) NOT NULL, context varchar(255) NOT NULL, sent_to varchar(255), inserted_at datetime NOT NULL);
CREATE INDEX users_tokens_user_id_index ON users_tokens (user_id);
