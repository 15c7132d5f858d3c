<?php

define('ABSPATH', getenv('HOME').'/site/');
$file = ABSPATH.ltrim(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
if (is_dir($file)) {
    $file = rtrim($file, '/').'/index.php';
}
if (!is_file($file) || !str_ends_with($file, '.php')) {
    http_response_code(404);

    return;
}
require $file;
