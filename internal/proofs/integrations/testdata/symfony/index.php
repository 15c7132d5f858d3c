<?php

use Symfony\Component\HttpFoundation\Request;

require __DIR__.'/app.php';
$app = new App('prod', false);
$request = Request::createFromGlobals();
$response = $app->handle($request);
$response->send();
$app->terminate($request, $response);
