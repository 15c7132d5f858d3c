package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"resetd/internal/accounts"
	"resetd/internal/bounce"
	"resetd/internal/breach"
	"resetd/internal/limit"
	"resetd/internal/listen"
	"resetd/internal/mail"
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

func checkAccounts(cfg *Config, s Settings, p *problems) {
	var err error
	cfg.Accounts, err = accounts.Load(s.Accounts)
	p.add("RESETD_ACCOUNTS", err)
	cfg.SignUp, err = parseSwitch(s.Signup)
	if err == nil && cfg.SignUp && !cfg.Builtin {
		err = errors.New("set it to off: the other application creates its accounts itself")
	}
	p.add("RESETD_SIGNUP", err)
	cfg.Names, err = parseSwitch(s.RequestByName)
	if err == nil && cfg.Names && !cfg.Accounts.FindNames {
		err = errors.New("set it to off: find of RESETD_ACCOUNTS does not look up user names (find_names)")
	}
	p.add("RESETD_REQUEST_BY_NAME", err)
	err = checkLoginURL(s.LoginURL)
	if err == nil && !cfg.Builtin && s.LoginURL == "/login" {
		err = errors.New("set it to the sign-in page of the application that owns the accounts")
	}
	p.add("RESETD_LOGIN_URL", err)
}

const accountsURLVariable = "RESETD_ACCOUNTS_DATABASE_URL"

// checkAccountsURL leaves the URL empty if it is the record's: then one transaction does
// all.
func checkAccountsURL(cfg *Config, secrets Secrets, p *problems) {
	text := strings.TrimSpace(secrets.AccountsDatabaseURL)
	_, scheme := strings.CutPrefix(text, "mysql://")
	switch {
	case text == "" || text == cfg.DatabaseURL:
	case cfg.Builtin:
		p.add(accountsURLVariable, errors.New("unset it: the built-in accounts are always in the database of RESETD_DATABASE_URL; for an application's accounts set RESETD_ACCOUNTS too"))
	case !scheme && !strings.HasPrefix(text, "sqlite:") && !postgresURL.MatchString(text):
		p.add(accountsURLVariable, errors.New("the scheme is not valid: set it to mysql://USER:PASSWORD@HOST/DATABASE, postgres://USER:PASSWORD@HOST/DATABASE or sqlite:PATH"))
	default:
		cfg.AccountsURL = text
		if scheme {
			cfg.Accounts = cfg.Accounts.OnMySQL()
		}
	}
}

// postgresURL matches the start of a URL and of PostgreSQL's keyword form.
var postgresURL = regexp.MustCompile(`^(postgres(ql)?://|\w+\s*=)`)

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

// checkNoLink reads the texts for accounts that get no link.
func checkNoLink(cfg *Config, s Settings, p *problems) {
	cfg.MailNoLink = map[reset.Withheld]string{}
	for _, text := range []struct {
		variable, value string
		why             reset.Withheld
	}{{"RESETD_MAIL_INACTIVE", s.MailInactive, reset.WithheldInactive}, {"RESETD_MAIL_NO_PASSWORD", s.MailNoPassword, reset.WithheldNoPassword}} {
		value := strings.TrimSpace(text.value)
		if utf8.RuneCountInString(value) > maxReason || strings.ContainsFunc(value, unicode.IsControl) || !utf8.ValidString(value) {
			p.add(text.variable, fmt.Errorf("it is not one line of at most %d characters", maxReason))
		}
		if value != "" {
			cfg.MailNoLink[text.why] = value
		}
	}
}

// maxReason is the maximum length of a text for an email, in code points.
const maxReason = 500

func checkMail(cfg *Config, s Settings, p *problems) {
	var err error
	_, err = mail.NewTransport(cfg.MailURL, cfg.MailUser, cfg.MailPassword, nil)
	p.add("RESETD_MAIL_URL", err)
	cfg.MailFrom, err = parseMailbox(s.MailFrom)
	p.add("RESETD_MAIL_FROM", err)
	cfg.MailLanes, err = strconv.Atoi(s.MailConnections)
	if err != nil || cfg.MailLanes < 1 || cfg.MailLanes > 100 {
		err = fmt.Errorf("%q is not a number from 1 to 100", s.MailConnections)
	}
	p.add("RESETD_MAIL_CONNECTIONS", err)
	checkNoLink(cfg, s, p)
	if s.BounceAddress != "" {
		cfg.Bounces, err = parseMailbox(s.BounceAddress)
		if err == nil {
			err = bounce.CheckBase(cfg.Bounces)
		}
		p.add("RESETD_BOUNCE_ADDRESS", err)
	}
	if s.MailReplyTo != "" {
		cfg.MailReplyTo, err = parseMailbox(s.MailReplyTo)
		p.add("RESETD_MAIL_REPLY_TO", err)
	}
}
