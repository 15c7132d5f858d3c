<?php

// All of config/, as `php artisan config:cache` puts it into one file.

$pgsql = str_starts_with(env('DATABASE_URL'), 'postgres');

return [
    'app' => [
        'name' => 'App', 'env' => 'testing', 'debug' => true, 'timezone' => 'UTC', 'locale' => 'en', 'fallback_locale' => 'en',
        'key' => 'base64:'.env('SECRET_KEY'), 'cipher' => 'AES-256-CBC', 'aliases' => [],
        'providers' => [
            Illuminate\Auth\AuthServiceProvider::class,
            Illuminate\Cookie\CookieServiceProvider::class,
            Illuminate\Database\DatabaseServiceProvider::class,
            Illuminate\Encryption\EncryptionServiceProvider::class,
            Illuminate\Filesystem\FilesystemServiceProvider::class,
            Illuminate\Hashing\HashServiceProvider::class,
            Illuminate\Session\SessionServiceProvider::class,
            Illuminate\Translation\TranslationServiceProvider::class,
            Illuminate\View\ViewServiceProvider::class,
            Illuminate\Cache\CacheServiceProvider::class,
            Illuminate\Foundation\Providers\FoundationServiceProvider::class,
        ],
    ],
    'auth' => [
        'defaults' => ['guard' => 'web', 'passwords' => 'users'],
        'guards' => ['web' => ['driver' => 'session', 'provider' => 'users']],
        'providers' => ['users' => ['driver' => 'eloquent', 'model' => App\Models\User::class]],
        // resetd has a table password_resets too; on PostgreSQL it stands in another schema.
        'passwords' => ['users' => ['provider' => 'users', 'table' => $pgsql ? 'password_resets' : 'password_reset_tokens', 'expire' => 60]],
    ],
    'cache' => ['default' => 'array', 'stores' => ['array' => ['driver' => 'array']]],
    'database' => ['default' => 'main', 'connections' => ['main' => ['url' => env('DATABASE_URL'), 'prefix' => '', 'charset' => 'utf8']]],
    'hashing' => ['driver' => 'bcrypt', 'bcrypt' => ['rounds' => 10]],
    'logging' => ['default' => 'errors', 'channels' => ['errors' => ['driver' => 'errorlog']]],
    'session' => [
        'driver' => 'database', 'table' => 'sessions', 'connection' => null, 'store' => null, 'lifetime' => 120, 'expire_on_close' => false, 'encrypt' => false,
        'lottery' => [0, 100], 'cookie' => 'app_session', 'path' => '/', 'domain' => null, 'secure' => false, 'http_only' => true, 'same_site' => 'lax',
    ],
    'view' => ['paths' => [], 'compiled' => sys_get_temp_dir()],
];
