-- Drupal 10: the entity User, system_schema, and DatabaseBackend of the cache.
CREATE TABLE users_field_data (uid bigint NOT NULL, langcode varchar(12) NOT NULL, preferred_langcode varchar(12), preferred_admin_langcode varchar(12), name varchar(60) NOT NULL, pass varchar(255), mail varchar(254),
  timezone varchar(32), status smallint, created int NOT NULL, changed int, access int NOT NULL, login int, init varchar(254), default_langcode smallint NOT NULL, PRIMARY KEY (uid, langcode));
CREATE INDEX user_field__mail ON users_field_data (mail);
CREATE TABLE sessions (uid bigint NOT NULL, sid varchar(128) NOT NULL, hostname varchar(128) NOT NULL DEFAULT '', timestamp bigint NOT NULL DEFAULT 0, session bytea, PRIMARY KEY (sid));
CREATE TABLE cache_entity (cid varchar(255) NOT NULL DEFAULT '', data bytea, expire bigint NOT NULL DEFAULT 0, created numeric(14,3) NOT NULL DEFAULT 0, serialized smallint NOT NULL DEFAULT 0, tags text, checksum varchar(255) NOT NULL, PRIMARY KEY (cid));
