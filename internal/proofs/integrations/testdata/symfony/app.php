<?php

// People with accounts: Symfony's security bundle with a sign-in form, and the table of
// make:user.

use Symfony\Bundle\FrameworkBundle\FrameworkBundle;
use Symfony\Bundle\FrameworkBundle\Kernel\MicroKernelTrait;
use Symfony\Bundle\SecurityBundle\SecurityBundle;
use Symfony\Component\DependencyInjection\Loader\Configurator\ContainerConfigurator;
use Symfony\Component\HttpFoundation\Response;
use Symfony\Component\HttpKernel\Kernel;
use Symfony\Component\Routing\Loader\Configurator\RoutingConfigurator;
use Symfony\Component\Security\Core\Exception\UserNotFoundException;
use Symfony\Component\Security\Core\User\PasswordAuthenticatedUserInterface;
use Symfony\Component\Security\Core\User\UserInterface;
use Symfony\Component\Security\Core\User\UserProviderInterface;

require 'Symfony/Bundle/FrameworkBundle/autoload.php';
require 'Symfony/Bundle/SecurityBundle/autoload.php';

class User implements UserInterface, PasswordAuthenticatedUserInterface
{
    public function __construct(private string $email, private string $password)
    {
    }

    public function getUserIdentifier(): string
    {
        return $this->email;
    }

    public function getUsername(): string
    {
        return $this->email;
    }

    public function getPassword(): ?string
    {
        return $this->password;
    }

    public function getRoles(): array
    {
        return ['ROLE_USER'];
    }

    public function getSalt(): ?string
    {
        return null;
    }

    public function eraseCredentials()
    {
    }
}

class Users implements UserProviderInterface
{
    public static function database(): PDO
    {
        $url = getenv('DATABASE_URL');
        $at = parse_url($url);
        if (str_starts_with($url, 'sqlite:')) {
            return new PDO($url);
        }

        return new PDO("pgsql:host=$at[host];port=$at[port];dbname=".ltrim($at['path'], '/'), $at['user'], $at['pass'] ?? '');
    }

    public function loadUserByIdentifier(string $email): UserInterface
    {
        $found = self::database()->prepare('SELECT email, password FROM "user" WHERE email = ?');
        $found->execute([$email]);
        $row = $found->fetch() ?: throw new UserNotFoundException();

        return new User($row['email'], $row['password']);
    }

    public function loadUserByUsername(string $email): UserInterface
    {
        return $this->loadUserByIdentifier($email);
    }

    public function refreshUser(UserInterface $user): UserInterface
    {
        return $this->loadUserByIdentifier($user->getUserIdentifier());
    }

    public function supportsClass(string $class): bool
    {
        return User::class === $class;
    }
}

class App extends Kernel
{
    use MicroKernelTrait;

    public function registerBundles(): iterable
    {
        return [new FrameworkBundle(), new SecurityBundle()];
    }

    public function getProjectDir(): string
    {
        return __DIR__;
    }

    public function getCacheDir(): string
    {
        return getenv('HOME').'/cache';
    }

    public function getLogDir(): string
    {
        return getenv('HOME');
    }

    public function login(): Response
    {
        return new Response('<form method="post"><input name="_username"> <input name="_password" type="password"> <button type="submit">Sign in</button></form>
            <a href="'.getenv('RESETD_URL').'/password-reset">Forgot your password?</a>');
    }

    public function home(): Response
    {
        $user = $this->getContainer()->get('security.token_storage')->getToken()->getUserIdentifier();

        return new Response('<h1>'.htmlspecialchars($user).'</h1>');
    }

    protected function configureContainer(ContainerConfigurator $container): void
    {
        $container->services()->set(Users::class, Users::class);
        $container->extension('framework', [
            'secret' => getenv('SECRET_KEY'),
            'session' => ['storage_factory_id' => 'session.storage.factory.native', 'handler_id' => null, 'save_path' => getenv('HOME')],
        ]);
        $container->extension('security', [
            'enable_authenticator_manager' => true,
            'password_hashers' => [User::class => ['algorithm' => 'auto', 'cost' => 10]],
            'providers' => ['users' => ['id' => Users::class]],
            'firewalls' => ['main' => ['form_login' => ['login_path' => '/login', 'check_path' => '/login', 'always_use_default_target_path' => true]]],
            'access_control' => [['path' => '^/$', 'roles' => 'ROLE_USER']],
        ]);
    }

    protected function configureRoutes(RoutingConfigurator $routes): void
    {
        $routes->add('login', '/login')->controller('kernel::login');
        $routes->add('home', '/')->controller('kernel::home');
    }
}
