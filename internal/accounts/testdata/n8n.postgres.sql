-- n8n 2.40, without what refers to other tables.
CREATE TABLE "user" (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, email character varying(255) UNIQUE, "firstName" character varying(32), "lastName" character varying(32), password character varying(255),
  "personalizationAnswers" json, "createdAt" timestamp(3) with time zone DEFAULT CURRENT_TIMESTAMP(3) NOT NULL, "updatedAt" timestamp(3) with time zone DEFAULT CURRENT_TIMESTAMP(3) NOT NULL,
  settings json, disabled boolean DEFAULT false NOT NULL, "mfaEnabled" boolean DEFAULT false NOT NULL, "mfaSecret" text, "mfaRecoveryCodes" text, "lastActiveAt" date,
  "roleSlug" character varying(128) DEFAULT 'global:member'::character varying NOT NULL);
