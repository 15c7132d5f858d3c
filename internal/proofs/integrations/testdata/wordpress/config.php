<?php

// The wp-config.php of the site.

$url = parse_url(getenv('DATABASE_URL'));
define('DB_HOST', $url['host'].':'.$url['port']);
define('DB_USER', $url['user']);
define('DB_PASSWORD', $url['pass']);
define('DB_NAME', ltrim($url['path'], '/'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) {
    define($name, $name.getenv('SECRET_KEY'));
}
define('WP_SITEURL', 'http://'.($_SERVER['HTTP_HOST'] ?? 'localhost'));
define('WP_HOME', WP_SITEURL);
define('WP_CONTENT_DIR', ABSPATH.'wp-content');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
$table_prefix = 'wp_';

require_once ABSPATH.'wp-settings.php';
