<?php

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\Route;

Route::get('/login', fn () => '
    <h1>Sign in</h1>
    <form method="post">
        '.csrf_field().'
        <input name="email"> <input name="password" type="password">
        <button type="submit">Sign in</button>
    </form>
    <a href="'.e(env('RESETD_URL')).'/password-reset">Forgot your password?</a>')->name('login');

Route::post('/login', function (Request $request) {
    if (! Auth::attempt($request->only('email', 'password'), remember: true)) {
        return redirect('/login');
    }
    $request->session()->regenerate();

    return redirect('/');
});

Route::get('/', fn () => '<h1>'.e(Auth::user()->email).'</h1>')->middleware('auth');
