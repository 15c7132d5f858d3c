CREATE TABLE `users` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, `name` varchar(255) NOT NULL, `email` varchar(255) NOT NULL, `email_verified_at` timestamp NULL,
  `password` varchar(255) NOT NULL, `remember_token` varchar(100) NULL, `created_at` timestamp NULL, `updated_at` timestamp NULL
) DEFAULT CHARACTER SET utf8mb4 COLLATE 'utf8mb4_unicode_ci';
ALTER TABLE `users` ADD UNIQUE `users_email_unique`(`email`);
CREATE TABLE `password_reset_tokens` (`email` varchar(255) NOT NULL, `token` varchar(255) NOT NULL, `created_at` timestamp NULL, PRIMARY KEY (`email`)) DEFAULT CHARACTER SET utf8mb4 COLLATE 'utf8mb4_unicode_ci';
CREATE TABLE `sessions` (
  `id` varchar(255) NOT NULL, `user_id` bigint unsigned NULL, `ip_address` varchar(45) NULL, `user_agent` text NULL, `payload` longtext NOT NULL,
  `last_activity` int NOT NULL, PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE 'utf8mb4_unicode_ci';
ALTER TABLE `sessions` ADD INDEX `sessions_user_id_index`(`user_id`);
