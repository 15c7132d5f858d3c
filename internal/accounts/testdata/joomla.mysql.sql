-- Joomla 4 and 5: installation/sql, base.sql, with the prefix abc12_.
CREATE TABLE `abc12_users` (
  `id` int NOT NULL AUTO_INCREMENT, `name` varchar(400) NOT NULL DEFAULT '', `username` varchar(150) NOT NULL DEFAULT '', `email` varchar(100) NOT NULL DEFAULT '', `password` varchar(100) NOT NULL DEFAULT '',
  `block` tinyint NOT NULL DEFAULT 0, `sendEmail` tinyint DEFAULT 0, `registerDate` datetime NOT NULL, `lastvisitDate` datetime, `activation` varchar(100) NOT NULL DEFAULT '', `params` text NOT NULL,
  `lastResetTime` datetime, `resetCount` int NOT NULL DEFAULT 0, `otpKey` varchar(1000) NOT NULL DEFAULT '', `otep` varchar(1000) NOT NULL DEFAULT '', `requireReset` tinyint NOT NULL DEFAULT 0, `authProvider` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`), UNIQUE KEY `idx_username` (`username`), KEY `email` (`email`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;
CREATE TABLE `abc12_session` (`session_id` varbinary(192) NOT NULL, `client_id` tinyint unsigned DEFAULT NULL, `guest` tinyint unsigned DEFAULT 1, `time` int NOT NULL DEFAULT 0, `data` mediumtext, `userid` int DEFAULT 0, `username` varchar(150) DEFAULT '',
  PRIMARY KEY (`session_id`), KEY `userid` (`userid`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;
CREATE TABLE `abc12_user_keys` (`id` int unsigned NOT NULL AUTO_INCREMENT, `user_id` varchar(150) NOT NULL, `token` varchar(255) NOT NULL, `series` varchar(191) NOT NULL, `time` varchar(200) NOT NULL, `uastring` varchar(255) NOT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `series` (`series`), KEY `user_id` (`user_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 DEFAULT COLLATE=utf8mb4_unicode_ci;
