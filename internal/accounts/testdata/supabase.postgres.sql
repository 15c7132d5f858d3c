-- supabase/auth, folder migrations: the tables and columns that a reset uses.
CREATE SCHEMA auth;
CREATE TABLE auth.users (
  instance_id uuid NULL, id uuid NOT NULL PRIMARY KEY, aud varchar(255) NULL, "role" varchar(255) NULL, email varchar(255) NULL, encrypted_password varchar(255) NULL,
  email_confirmed_at timestamptz NULL, invited_at timestamptz NULL, confirmation_token varchar(255) NULL, confirmation_sent_at timestamptz NULL,
  recovery_token varchar(255) NULL, recovery_sent_at timestamptz NULL, last_sign_in_at timestamptz NULL, raw_app_meta_data jsonb NULL, raw_user_meta_data jsonb NULL,
  is_super_admin bool NULL, created_at timestamptz NULL, updated_at timestamptz NULL, phone text NULL UNIQUE, banned_until timestamptz NULL,
  is_sso_user boolean NOT NULL DEFAULT false, deleted_at timestamptz NULL, is_anonymous boolean NOT NULL DEFAULT false);
CREATE UNIQUE INDEX users_email_partial_key ON auth.users (email) WHERE (is_sso_user = false);
CREATE TABLE auth.sessions (id uuid NOT NULL PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, created_at timestamptz NULL, updated_at timestamptz NULL);
CREATE TABLE auth.refresh_tokens (id bigserial PRIMARY KEY, token varchar(255) NULL, user_id varchar(255) NULL, revoked bool NULL, session_id uuid NULL REFERENCES auth.sessions ON DELETE CASCADE);
CREATE TYPE auth.one_time_token_type AS ENUM ('confirmation_token', 'reauthentication_token', 'recovery_token', 'email_change_token_new', 'email_change_token_current', 'phone_change_token');
CREATE TABLE auth.one_time_tokens (id uuid PRIMARY KEY, user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE, token_type auth.one_time_token_type NOT NULL, token_hash text NOT NULL,
  relates_to text NOT NULL, created_at timestamp without time zone NOT NULL DEFAULT now(), updated_at timestamp without time zone NOT NULL DEFAULT now());
