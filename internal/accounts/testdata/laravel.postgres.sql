CREATE TABLE "users" (
  "id" bigserial NOT NULL PRIMARY KEY, "name" varchar(255) NOT NULL, "email" varchar(255) NOT NULL, "email_verified_at" timestamp(0) without time zone NULL,
  "password" varchar(255) NOT NULL, "remember_token" varchar(100) NULL, "created_at" timestamp(0) without time zone NULL,
  "updated_at" timestamp(0) without time zone NULL);
ALTER TABLE "users" ADD CONSTRAINT "users_email_unique" UNIQUE ("email");
CREATE TABLE "password_reset_tokens" ("email" varchar(255) NOT NULL PRIMARY KEY, "token" varchar(255) NOT NULL, "created_at" timestamp(0) without time zone NULL);
CREATE TABLE "sessions" (
  "id" varchar(255) NOT NULL PRIMARY KEY, "user_id" bigint NULL, "ip_address" varchar(45) NULL, "user_agent" text NULL, "payload" text NOT NULL,
  "last_activity" integer NOT NULL);
CREATE INDEX "sessions_user_id_index" ON "sessions" ("user_id");
