package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/breach"
	"resetd/internal/limit"
	"resetd/internal/listen"
	"resetd/internal/oidc"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/web"
	"resetd/templates"
)

// Config holds the parsed settings and secrets.
type Config struct {
	Addr         string
	MetricsAddr  string              // empty: no metrics
	Certificate  *listen.Certificate // nil: no TLS
	TracesURL    string              // empty: no traces
	BaseURL      *url.URL            // without path
	DatabaseURL  string
	AccountsURL  string      // of a separate database with the accounts; empty: they are in the record's
	Keys         *reset.Keys // nil: kept beside the SQLite database
	LinkLifetime time.Duration
	Builtin      bool // the accounts are the built-in ones
	Accounts     accounts.Directory
	SignUp       bool   // anybody may create an account
	Names        bool   // a link can be requested by user name
	DeskCheck    string // off, offer or require
	LoginURL     string
	SiteName     string
	MailURL      string
	MailUser     string
	MailPassword string
	MailFrom     string
	MailReplyTo  string
	Bounces      string                    // address that emails return to; empty: MailFrom
	MailLanes    int                       // connections to the mail server
	MailNoLink   map[reset.Withheld]string // texts for accounts that get no link
	Templates    fs.FS
	Proxies      web.Proxies
	Accent       web.Accent
	Logo         string
	Policy       password.Policy
	Breached     *breach.Checker // nil: new passwords are not compared with breached ones
	Hashing      password.Config
	Limits       limit.Rules
	Retention    time.Duration // 0: for ever
	OIDC         *oidc.Config  // the provider that staff sign in at; nil: none
}

// problems collects errors of the form "VARIABLE: problem".
type problems []error

func (p *problems) add(variable string, err error) {
	if err != nil {
		*p = append(*p, fmt.Errorf("%s: %w", variable, err))
	}
}

// Check parses settings and secrets, or returns all their problems, one per line. The
// problems never contain the value of a secret.
func Check(s Settings, secrets Secrets) (Config, error) {
	var p problems
	cfg := Config{
		Addr: s.Addr, MetricsAddr: s.MetricsAddr, TracesURL: s.TracesURL, DatabaseURL: strings.TrimSpace(secrets.DatabaseURL), LoginURL: s.LoginURL,
		MailURL: secrets.MailURL, MailUser: s.MailUser, MailPassword: secrets.MailPassword,
		Logo: s.Logo, Builtin: s.Accounts == accounts.Builtin,
	}
	checkSite(&cfg, s, &p)
	checkAccounts(&cfg, s, &p)
	checkAccountsURL(&cfg, secrets, &p)
	checkKeys(&cfg, secrets, &p)
	checkMail(&cfg, s, &p)
	checkPasswords(&cfg, s, &p)
	checkBreached(&cfg, s, &p)
	checkScheme(&cfg, secrets, &p)
	checkLimits(&cfg, s, &p)
	checkOIDC(&cfg, s, secrets, &p)
	p = slices.DeleteFunc(p, func(err error) bool {
		variable, _, _ := strings.Cut(err.Error(), ":")
		return slices.Contains(secrets.unread, variable)
	})
	return cfg, errors.Join(p...)
}

func checkSite(cfg *Config, s Settings, p *problems) {
	var err error
	port, err := parseAddr(s.Addr)
	p.add("RESETD_ADDR", err)
	p.add("RESETD_METRICS_ADDR", checkMetricsAddr(s))
	p.add("RESETD_TRACES_URL", checkTracesURL(s.TracesURL))
	if s.BaseURL == "" && port != "" {
		s.BaseURL = "http://localhost:" + port
	}
	cfg.BaseURL, err = ParseBaseURL(s.BaseURL)
	p.add("RESETD_BASE_URL", err)
	cfg.Certificate, err = readCertificate(s, cfg.BaseURL)
	p.add("RESETD_TLS_CERT", err)
	cfg.SiteName, err = parseSiteName(s.SiteName, cfg.BaseURL)
	p.add("RESETD_SITE_NAME", err)
	cfg.Proxies.Trusted, err = parseNetworks(s.TrustedProxies)
	p.add("RESETD_TRUSTED_PROXIES", err)
	cfg.Proxies.Header, err = parseProxyHeader(s.ProxyHeader)
	p.add("RESETD_PROXY_HEADER", err)
	cfg.Templates, err = templates.Open(s.TemplatesDir)
	p.add("RESETD_TEMPLATES_DIR", err)
	cfg.Accent, err = web.ParseAccent(s.AccentColor)
	p.add("RESETD_ACCENT_COLOR", err)
	if s.Logo != "" {
		_, err = web.ReadLogo(s.Logo)
		p.add("RESETD_LOGO", err)
	}
	cfg.Retention, err = ParseDuration(s.Retention)
	if err == nil && cfg.Retention != 0 && cfg.Retention < 24*time.Hour {
		err = fmt.Errorf("%s is less than a day", s.Retention)
	}
	p.add("RESETD_RETENTION", err)
	if cfg.DeskCheck = s.DeskCheck; !slices.Contains([]string{"off", "offer", "require"}, s.DeskCheck) {
		p.add("RESETD_DESK_CHECK", fmt.Errorf("%q is not off, offer or require", s.DeskCheck))
	}
	cfg.LinkLifetime, err = ParseDuration(s.LinkLifetime)
	if err == nil && (cfg.LinkLifetime < time.Minute || cfg.LinkLifetime > reset.MaxLifetime) {
		err = fmt.Errorf("%s is not between 1m and 24h", s.LinkLifetime)
	}
	p.add("RESETD_LINK_LIFETIME", err)
}

func checkKeys(cfg *Config, secrets Secrets, p *problems) {
	lite := strings.HasPrefix(cfg.DatabaseURL, "sqlite:")
	switch {
	case strings.HasPrefix(cfg.DatabaseURL, "mysql:"), strings.HasPrefix(cfg.DatabaseURL, "mariadb:"):
		p.add("RESETD_DATABASE_URL", errors.New("resetd's own tables can't be in MySQL or MariaDB: set it to sqlite:PATH or postgres://..., and "+accountsURLVariable+" to the database with the accounts"))
	case !lite && !postgresURL.MatchString(cfg.DatabaseURL):
		p.add("RESETD_DATABASE_URL", errors.New("the scheme is not valid: set it to sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE"))
	case secrets.SecretKey != "":
		keys, err := parseKeys(secrets.SecretKey)
		p.add("RESETD_SECRET_KEY", err)
		cfg.Keys = &keys
	case !lite:
		p.add("RESETD_SECRET_KEY", errors.New("set it with PostgreSQL, the same for all instances; make one with: openssl rand -base64 32"))
	}
}
