-- The generator of Rails 8: rails/rails, railties/lib/rails/generators/rails/authentication.
CREATE TABLE `users` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, `email_address` varchar(255) NOT NULL, `password_digest` varchar(255) NOT NULL, `created_at` datetime(6) NOT NULL, `updated_at` datetime(6) NOT NULL);
CREATE UNIQUE INDEX `index_users_on_email_address` ON `users` (`email_address`);
CREATE TABLE `sessions` (`id` bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, `user_id` bigint NOT NULL REFERENCES `users` (`id`), `ip_address` varchar(255), `user_agent` varchar(255), `created_at` datetime(6) NOT NULL, `updated_at` datetime(6) NOT NULL);
CREATE INDEX `index_sessions_on_user_id` ON `sessions` (`user_id`);
