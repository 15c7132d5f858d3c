-- Devise with all columns that its generator proposes: heartcombo/devise, lib/generators/active_record/devise_generator.rb. And a soft deletion.
CREATE TABLE `members` (
  `id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, `email` varchar(255) DEFAULT '' NOT NULL, `encrypted_password` varchar(255) DEFAULT '' NOT NULL,
  `reset_password_token` varchar(255), `reset_password_sent_at` datetime(6), `remember_created_at` datetime(6),
  `confirmation_token` varchar(255), `confirmed_at` datetime(6), `confirmation_sent_at` datetime(6), `unconfirmed_email` varchar(255),
  `failed_attempts` integer DEFAULT 0 NOT NULL, `unlock_token` varchar(255), `locked_at` datetime(6), `discarded_at` datetime(6),
  `created_at` datetime(6) NOT NULL, `updated_at` datetime(6) NOT NULL);
