-- @directus/api, folders database/seeds and database/migrations.
CREATE TABLE "directus_users" ("id" uuid NOT NULL PRIMARY KEY, "first_name" varchar(50), "last_name" varchar(50), "email" varchar(128) UNIQUE, "password" varchar(255), "language" varchar(255), "tfa_secret" varchar(255),
  "status" varchar(16) NOT NULL DEFAULT 'active', "role" uuid, "token" varchar(255) UNIQUE, "last_access" timestamptz, "provider" varchar(128) NOT NULL DEFAULT 'default', "external_identifier" varchar(255) UNIQUE, "auth_data" json);
CREATE TABLE "directus_sessions" ("token" varchar(64) NOT NULL PRIMARY KEY, "user" uuid, "expires" timestamptz NOT NULL, "ip" varchar(255), "user_agent" text, "share" uuid, "origin" varchar(255), "next_token" varchar(64));
