-- Devise with all columns that its generator proposes: heartcombo/devise, lib/generators/active_record/devise_generator.rb. And a soft deletion.
CREATE TABLE "members" (
  "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" varchar DEFAULT '' NOT NULL, "encrypted_password" varchar DEFAULT '' NOT NULL,
  "reset_password_token" varchar, "reset_password_sent_at" datetime(6), "remember_created_at" datetime(6),
  "confirmation_token" varchar, "confirmed_at" datetime(6), "confirmation_sent_at" datetime(6), "unconfirmed_email" varchar,
  "failed_attempts" integer DEFAULT 0 NOT NULL, "unlock_token" varchar, "locked_at" datetime(6), "discarded_at" datetime(6),
  "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
