package config

import (
	"errors"
	"regexp"
	"strings"

	"resetd/internal/accounts"
)

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
