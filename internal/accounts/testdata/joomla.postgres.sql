-- Joomla 4 and 5: installation/sql, base.sql, with the prefix abc12_.
CREATE TABLE "abc12_users" (
  "id" serial NOT NULL, "name" varchar(255) DEFAULT '' NOT NULL, "username" varchar(150) DEFAULT '' NOT NULL, "email" varchar(100) DEFAULT '' NOT NULL, "password" varchar(100) DEFAULT '' NOT NULL,
  "block" smallint DEFAULT 0 NOT NULL, "sendEmail" smallint DEFAULT 0, "registerDate" timestamp without time zone NOT NULL, "lastvisitDate" timestamp without time zone, "activation" varchar(100) DEFAULT '' NOT NULL, "params" text NOT NULL,
  "lastResetTime" timestamp without time zone, "resetCount" bigint DEFAULT 0 NOT NULL, "requireReset" smallint DEFAULT 0, "authProvider" varchar(100) DEFAULT '' NOT NULL, PRIMARY KEY ("id"));
CREATE TABLE "abc12_session" ("session_id" bytea NOT NULL, "client_id" smallint DEFAULT NULL, "guest" smallint DEFAULT 1, "time" integer DEFAULT 0 NOT NULL, "data" text, "userid" bigint DEFAULT 0, "username" varchar(150) DEFAULT '', PRIMARY KEY ("session_id"));
CREATE TABLE "abc12_user_keys" ("id" serial NOT NULL, "user_id" varchar(255) NOT NULL, "token" varchar(255) NOT NULL, "series" varchar(255) NOT NULL, "time" varchar(200) NOT NULL, "uastring" varchar(255) NOT NULL, PRIMARY KEY ("id"));
