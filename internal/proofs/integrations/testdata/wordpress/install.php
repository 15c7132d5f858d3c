<?php

// Makes a site from WordPress's files in $HOME/site, and an account for each line: its
// name, address and password. The first one is the administrator.

$files = getenv('WORDPRESS');
$site = getenv('HOME').'/site';
mkdir($site.'/wp-content/mu-plugins', 0700, true);
foreach (scandir($files) as $name) {
    if (!in_array($name, ['.', '..', 'wp-config.php', 'wp-content'])) {
        symlink($files.'/'.$name, $site.'/'.$name);
    }
}
copy(__DIR__.'/config.php', $site.'/wp-config.php');
copy(__DIR__.'/who.php', $site.'/wp-content/mu-plugins/who.php');

// The file that the document asks for.
$document = file_get_contents(__DIR__.'/../../../../../docs/accounts/wordpress.md');
preg_match('/```php\n(.*?)```/s', $document, $found);
file_put_contents($site.'/wp-content/mu-plugins/resetd.php', str_replace('http://localhost:8080', getenv('RESETD_URL'), $found[1]));

function wp_new_blog_notification() // sends no mail
{
}

define('ABSPATH', $site.'/');
define('WP_INSTALLING', true);
require ABSPATH.'wp-load.php';
require_once ABSPATH.'wp-admin/includes/upgrade.php';

[$name, $email, $password] = fscanf(STDIN, '%s %s %s');
wp_install('Blog', $name, $email, false, '', $password);
while ([$name, $email, $password] = fscanf(STDIN, '%s %s %s')) {
    wp_insert_user(['user_login' => $name, 'user_email' => $email, 'user_pass' => $password]);
}
