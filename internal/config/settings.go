// Package config reads the settings from environment variables and flags, and reports
// all their problems at once.
package config

import (
	"strings"

	"resetd/internal/password"
)

// Settings are the settings as texts, so an invalid value can be reported together
// with the other problems. The name of a flag gives the variable: link-lifetime is
// RESETD_LINK_LIFETIME.
type Settings struct {
	Addr                 string `default:"127.0.0.1:8080" help:"Listener: HOST:PORT, or unix:PATH for a socket."`
	MetricsAddr          string `help:"Listener for Prometheus, route /metrics: HOST:PORT, or unix:PATH. Only Prometheus should reach it. Default: none."`
	TracesURL            string `name:"traces-url" help:"Collector of OpenTelemetry that gets traces by OTLP over HTTP, such as http://127.0.0.1:4318. Default: none."`
	TLSCert              string `name:"tls-cert" help:"Certificate chain (PEM), to speak TLS without a proxy; read again when it changes."`
	TLSKey               string `name:"tls-key" help:"Key of the certificate (PEM)."`
	BaseURL              string `name:"base-url" help:"Where people reach resetd; the only source of the links' host. Default: http://localhost and the listener's port."`
	LinkLifetime         string `default:"1h" help:"How long a link lives, at most 24h."`
	Accounts             string `default:"builtin" help:"Where the accounts are: a preset with its options, or a TOML file."`
	DeskCheck            string `default:"off" help:"Whether staff verify a caller by a mailed code before they send a link: off, offer or require."`
	LoginURL             string `name:"login-url" default:"/login" help:"Sign-in page."`
	RequestByName        string `default:"off" help:"Whether a link can be requested by user name: on or off. The accounts' find must look names up."`
	Signup               string `default:"off" help:"Whether anybody may create an account: on or off."`
	SiteName             string `help:"Shown on pages and in emails. Default: host of the base URL."`
	MailFrom             string `default:"resetd@localhost" help:"Sender's address."`
	MailConnections      string `default:"10" help:"Most connections to the mail server, 1 to 100."`
	MailReplyTo          string `help:"Where replies to emails go."`
	BounceAddress        string `help:"Where emails return to that can't be delivered, such as bounces@example.org; read them with resetd bounces."`
	MailUser             string `help:"Mail server's user, if it is not in RESETD_MAIL_URL."`
	MailInactive         string `help:"Text for the email to an inactive account that requests a link; empty: no email."`
	MailNoPassword       string `help:"Text for the email to an account without a password of its own; empty: no email."`
	TemplatesDir         string `help:"Folder of templates that replace the built-in ones."`
	TrustedProxies       string `help:"The proxies themselves, whose header counts: addresses or networks separated by commas."`
	ProxyHeader          string `default:"X-Forwarded-For" help:"Header of the trusted proxies that names the visitor: X-Forwarded-For, Forwarded or X-Real-IP."`
	Retention            string `default:"400d" help:"Age at which resets are removed, once a day; 0 keeps them."`
	AccentColor          string `default:"#1d4ed8" help:"Colour of buttons and links, #rrggbb."`
	Logo                 string `help:"Picture shown beside the site's name: an svg, png or webp file."`
	PasswordMinLength    string `default:"8" help:"Minimum length of a new password."`
	PasswordMaxLength    string `default:"256" help:"Maximum length of a new password, at least 64."`
	PasswordBreached     string `help:"Breached passwords to refuse: a file of SHA-1 hashes, or the address of a range service."`
	PasswordBreachedFail string `default:"open" help:"If those can't be looked up: open accepts new passwords, closed refuses them."`
	HashMemory           string `default:"19" help:"Memory of one argon2id hash, in MiB."`
	HashPasses           string `default:"2" help:"Passes of one argon2id hash."`
	HashWorkers          string `default:"0" help:"Hashes computed at the same time; 0: one for each processor."`
	HashQueue            string `default:"200" help:"Passwords that may wait for a hash, at least 100."`
	OIDCIssuer           string `name:"oidc-issuer" help:"Provider of OpenID Connect at which staff sign in, such as https://id.example.org. Default: none."`
	OIDCClientID         string `name:"oidc-client-id" help:"Id that the provider gave to this client."`
	OIDCRoleClaim        string `name:"oidc-role-claim" default:"roles" help:"Claim of the ID token that contains viewer, sender, agent or admin."`
	OIDCRoles            string `name:"oidc-roles" help:"Roles by other values of that claim, such as groups: helpdesk=viewer, it-admins=admin."`
	LimitAddress         string `default:"5/1h" help:"Requests for one address; 0: no limit."`
	LimitIP              string `name:"limit-ip" default:"60/1h" help:"Requests from one IP address or IPv6 /64; 0: no limit."`
	LimitLink            string `default:"30/1h" help:"Attempts with one link; 0: no limit."`
	LimitSignin          string `default:"20/15m" help:"Failed sign-ins to one account from one IP address or IPv6 /64; 0: no limit."`
	LimitSigninAccount   string `default:"100/1h" help:"Failed sign-ins to one account from all IP addresses; 0: no limit."`
}

// Secrets are read only from the environment, because everybody on the machine can see
// arguments.
type Secrets struct {
	SecretKey           string
	DatabaseURL         string
	AccountsDatabaseURL string
	MailURL             string
	MailPassword        string
	OIDCClientSecret    string
	Pepper              password.Pepper

	unread []string // variables whose value can't be read, which ReadSecrets has reported
}

// secret is a variable with the field that it sets.
type secret struct {
	variable
	of func(*Secrets) *string
}

var secretVariables = []secret{
	{
		variable{"RESETD_SECRET_KEY", "Keys that sign links: 32 bytes or more in base64, separated by commas; the first signs, all verify. With SQLite it is made and kept beside the database.", ""},
		func(s *Secrets) *string { return &s.SecretKey },
	},
	{
		variable{"RESETD_DATABASE_URL", "The record: sqlite:PATH, or postgres://USER:PASSWORD@HOST/DATABASE.", DefaultDatabaseURL},
		func(s *Secrets) *string { return &s.DatabaseURL },
	},
	{
		variable{accountsURLVariable, "The database with an application's accounts, if it is another one: mysql://USER:PASSWORD@HOST/DATABASE, postgres://... or sqlite:PATH.", ""},
		func(s *Secrets) *string { return &s.AccountsDatabaseURL },
	},
	{
		variable{"RESETD_MAIL_URL", "Where emails go: smtp://HOST:587 (STARTTLS), smtps://HOST:465, file:DIR or console:.", "console:"},
		func(s *Secrets) *string { return &s.MailURL },
	},
	{
		variable{"RESETD_MAIL_PASSWORD", "Mail server's password, if it is not in RESETD_MAIL_URL.", ""},
		func(s *Secrets) *string { return &s.MailPassword },
	},
	{
		variable{oidcSecretVariable, "Secret that the provider of OpenID Connect gave to this client.", ""},
		func(s *Secrets) *string { return &s.OIDCClientSecret },
	},
	{
		variable{pepperVariable, "Secret that the application appends to every password, such as Devise's config.pepper.", ""},
		func(s *Secrets) *string { return (*string)(&s.Pepper) },
	},
}

// DefaultDatabaseURL is the database if none is set.
const DefaultDatabaseURL = "sqlite:var/resetd.db"

// Variable returns the environment variable of a flag.
func Variable(flag string) string {
	return "RESETD_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
