-- The generator of Rails 8: rails/rails, railties/lib/rails/generators/rails/authentication.
CREATE TABLE "users" ("id" bigserial primary key, "email_address" character varying NOT NULL, "password_digest" character varying NOT NULL, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE UNIQUE INDEX "index_users_on_email_address" ON "users" ("email_address");
CREATE TABLE "sessions" ("id" bigserial primary key, "user_id" bigint NOT NULL REFERENCES "users" ("id"), "ip_address" character varying, "user_agent" character varying, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
CREATE INDEX "index_sessions_on_user_id" ON "sessions" ("user_id");
