CREATE TABLE "users" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL, "email" varchar NOT NULL, "email_verified_at" datetime,
  "password" varchar NOT NULL, "remember_token" varchar, "created_at" datetime, "updated_at" datetime);
CREATE UNIQUE INDEX "users_email_unique" ON "users" ("email");
CREATE TABLE "password_reset_tokens" ("email" varchar NOT NULL, "token" varchar NOT NULL, "created_at" datetime, PRIMARY KEY ("email"));
CREATE TABLE "sessions" (
  "id" varchar NOT NULL, "user_id" integer, "ip_address" varchar, "user_agent" text, "payload" text NOT NULL, "last_activity" integer NOT NULL,
  PRIMARY KEY ("id"));
CREATE INDEX "sessions_user_id_index" ON "sessions" ("user_id");
