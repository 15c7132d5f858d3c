-- The content type user of @strapi/plugin-users-permissions 5.
CREATE TABLE "up_users" ("id" serial PRIMARY KEY, "document_id" varchar(255) NULL, "username" varchar(255) NULL, "email" varchar(255) NULL, "provider" varchar(255) NULL, "password" varchar(255) NULL,
  "reset_password_token" varchar(255) NULL, "confirmation_token" varchar(255) NULL, "confirmed" boolean NULL, "blocked" boolean NULL, "created_at" timestamp(6) NULL, "updated_at" timestamp(6) NULL,
  "published_at" timestamp(6) NULL, "created_by_id" integer NULL, "updated_by_id" integer NULL, "locale" varchar(255) NULL);
-- The content type session of @strapi/admin 5.54.
CREATE TABLE "strapi_sessions" ("id" serial PRIMARY KEY, "document_id" varchar(255) NULL, "user_id" varchar(255) NULL, "session_id" varchar(255) NULL, "child_id" varchar(255) NULL, "device_id" varchar(255) NULL, "origin" varchar(255) NULL,
  "expires_at" timestamp(6) NULL, "absolute_expires_at" timestamp(6) NULL, "status" varchar(255) NULL, "type" varchar(255) NULL, "metadata" jsonb NULL, "created_at" timestamp(6) NULL, "updated_at" timestamp(6) NULL, "published_at" timestamp(6) NULL, "created_by_id" integer NULL, "updated_by_id" integer NULL, "locale" varchar(255) NULL);
