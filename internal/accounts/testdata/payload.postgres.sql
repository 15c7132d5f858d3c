-- Payload 3.90 with a collection of users.
CREATE TABLE users (id serial PRIMARY KEY, updated_at timestamp(3) with time zone DEFAULT now() NOT NULL, created_at timestamp(3) with time zone DEFAULT now() NOT NULL,
  email character varying NOT NULL UNIQUE, reset_password_token character varying, reset_password_expiration timestamp(3) with time zone, salt character varying, hash character varying,
  reset_password_requested_at timestamp(3) with time zone, login_attempts numeric DEFAULT 0, lock_until timestamp(3) with time zone);
CREATE TABLE users_sessions (_order integer NOT NULL, _parent_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE, id character varying PRIMARY KEY,
  created_at timestamp(3) with time zone, expires_at timestamp(3) with time zone NOT NULL);
