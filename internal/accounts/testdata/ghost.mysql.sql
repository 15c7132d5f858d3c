-- Ghost 6.65, without columns that nobody needs for signing in.
CREATE TABLE users (id varchar(24) NOT NULL PRIMARY KEY, name varchar(191) NOT NULL, slug varchar(191) NOT NULL UNIQUE, password varchar(60) NOT NULL, email varchar(191) NOT NULL UNIQUE,
  status varchar(50) NOT NULL DEFAULT 'active', locale varchar(6) DEFAULT NULL, visibility varchar(50) NOT NULL DEFAULT 'public', last_seen datetime DEFAULT NULL,
  created_at datetime NOT NULL, updated_at datetime DEFAULT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE sessions (id varchar(24) NOT NULL PRIMARY KEY, session_id varchar(32) NOT NULL UNIQUE, user_id varchar(24) NOT NULL, session_data varchar(2000) NOT NULL,
  created_at datetime NOT NULL, updated_at datetime DEFAULT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
