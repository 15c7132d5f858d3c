-- The migration CreateIdentitySchema of ASP.NET Core Identity, with Npgsql.
CREATE TABLE "AspNetUsers" ("Id" text NOT NULL, "UserName" character varying(256), "NormalizedUserName" character varying(256), "Email" character varying(256), "NormalizedEmail" character varying(256),
  "EmailConfirmed" boolean NOT NULL, "PasswordHash" text, "SecurityStamp" text, "ConcurrencyStamp" text, "PhoneNumber" text, "PhoneNumberConfirmed" boolean NOT NULL, "TwoFactorEnabled" boolean NOT NULL,
  "LockoutEnd" timestamp with time zone, "LockoutEnabled" boolean NOT NULL, "AccessFailedCount" integer NOT NULL, CONSTRAINT "PK_AspNetUsers" PRIMARY KEY ("Id"));
CREATE INDEX "EmailIndex" ON "AspNetUsers" ("NormalizedEmail");
CREATE UNIQUE INDEX "UserNameIndex" ON "AspNetUsers" ("NormalizedUserName");
