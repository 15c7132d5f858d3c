-- Devise with all columns that its generator proposes: heartcombo/devise, lib/generators/active_record/devise_generator.rb. And a soft deletion.
CREATE TABLE "members" (
  "id" bigserial PRIMARY KEY, "email" character varying DEFAULT '' NOT NULL, "encrypted_password" character varying DEFAULT '' NOT NULL,
  "reset_password_token" character varying, "reset_password_sent_at" timestamp(6), "remember_created_at" timestamp(6),
  "confirmation_token" character varying, "confirmed_at" timestamp(6), "confirmation_sent_at" timestamp(6), "unconfirmed_email" character varying,
  "failed_attempts" integer DEFAULT 0 NOT NULL, "unlock_token" character varying, "locked_at" timestamp(6), "discarded_at" timestamp(6),
  "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL);
