-- Payload 3.90 with a collection of users.
CREATE TABLE users (id integer PRIMARY KEY NOT NULL, updated_at text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL, created_at text DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) NOT NULL,
  email text NOT NULL UNIQUE, reset_password_token text, reset_password_expiration text, salt text, hash text, reset_password_requested_at text, login_attempts numeric DEFAULT 0, lock_until text);
CREATE TABLE users_sessions (_order integer NOT NULL, _parent_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE, id text PRIMARY KEY NOT NULL, created_at text, expires_at text NOT NULL);
