<?php

// People with accounts: Laravel, with sessions in the database.

use Illuminate\Contracts;
use Illuminate\Cookie;
use Illuminate\Foundation;
use Illuminate\Session;
use Illuminate\Support\Facades\Route;

require 'Illuminate/autoload.php';
require __DIR__.'/User.php';

class Kernel extends Foundation\Http\Kernel
{
    protected $middlewareGroups = ['web' => [
        Cookie\Middleware\EncryptCookies::class,
        Cookie\Middleware\AddQueuedCookiesToResponse::class,
        Session\Middleware\StartSession::class,
        Foundation\Http\Middleware\VerifyCsrfToken::class,
    ]];

    protected $routeMiddleware = ['auth' => Illuminate\Auth\Middleware\Authenticate::class];
}

$app = new Foundation\Application(__DIR__);
$app->singleton(Contracts\Http\Kernel::class, Kernel::class);
$app->singleton(Contracts\Console\Kernel::class, Foundation\Console\Kernel::class);
$app->singleton(Contracts\Debug\ExceptionHandler::class, Foundation\Exceptions\Handler::class);
$app->booted(function () {
    Route::middleware('web')->group(__DIR__.'/routes.php');
    Route::getRoutes()->refreshNameLookups();
});

return $app;
