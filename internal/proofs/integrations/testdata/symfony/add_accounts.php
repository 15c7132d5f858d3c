<?php

// Adds an account for each line: its name, address and password.

use Symfony\Component\PasswordHasher\Hasher\PasswordHasherFactory;

require __DIR__.'/app.php';
$hasher = (new PasswordHasherFactory([User::class => ['algorithm' => 'auto', 'cost' => 10]]))->getPasswordHasher(User::class);
$db = Users::database();
$db->exec('CREATE TABLE "user" (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(180) NOT NULL UNIQUE, roles JSON NOT NULL, password VARCHAR(255) NOT NULL)');
$add = $db->prepare('INSERT INTO "user" (id, email, roles, password) VALUES (?, ?, \'[]\', ?)');
for ($id = 1; [$name, $email, $password] = fscanf(STDIN, '%s %s %s'); ++$id) {
    $add->execute([$id, $email, $hasher->hash($password)]);
}
