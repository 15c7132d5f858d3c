-- mix phx.gen.auth of Phoenix 1.7: phoenixframework/phoenix, priv/templates/phx.gen.auth/migration.ex.
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL COLLATE NOCASE, hashed_password TEXT, confirmed_at TEXT, inserted_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE UNIQUE INDEX users_email_index ON users (email);
CREATE TABLE users_tokens (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, token BLOB NOT NULL, context TEXT NOT NULL, sent_to TEXT, inserted_at TEXT NOT NULL);
CREATE INDEX users_tokens_user_id_index ON users_tokens (user_id);
