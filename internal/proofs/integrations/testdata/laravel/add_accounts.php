<?php

// Adds an account for each line: its name, address and password.

use App\Models\User;
use Illuminate\Support\Facades\Hash;
use Illuminate\Support\Facades\Schema;

$app = require __DIR__.'/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();

Schema::create('users', function ($table) {
    $table->id();
    $table->string('name');
    $table->string('email')->unique();
    $table->timestamp('email_verified_at')->nullable();
    $table->string('password');
    $table->rememberToken();
    $table->timestamps();
});
Schema::create(config('auth.passwords.users.table'), function ($table) {
    $table->string('email')->index();
    $table->string('token');
    $table->timestamp('created_at')->nullable();
});
if (!Schema::hasTable('password_reset_tokens')) { // the name since Laravel 10, which the preset expects
    Schema::create('password_reset_tokens', fn ($table) => $table->string('email')->primary());
}
Schema::create('sessions', function ($table) {
    $table->string('id')->primary();
    $table->foreignId('user_id')->nullable()->index();
    $table->string('ip_address', 45)->nullable();
    $table->text('user_agent')->nullable();
    $table->text('payload');
    $table->integer('last_activity')->index();
});

while ([$name, $email, $password] = fscanf(STDIN, '%s %s %s')) {
    User::create(['name' => $name, 'email' => $email, 'password' => Hash::make($password)]);
}
