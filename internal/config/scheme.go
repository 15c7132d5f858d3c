package config

import (
	"errors"

	"resetd/internal/password"
)

const pepperVariable = "RESETD_PEPPER"

// checkScheme sets how passwords are hashed, for all parts that hash or check them.
func checkScheme(cfg *Config, secrets Secrets, p *problems) {
	if secrets.Pepper != "" && !cfg.Accounts.Pepper {
		p.add(pepperVariable, errors.New("unset it, or write pepper = true into the file of accounts: these accounts have no pepper"))
	}
	scheme := cfg.Accounts.Scheme(secrets.Pepper)
	cfg.Hashing.Scheme, cfg.Policy.Scheme = scheme, scheme
}

// OfStaff returns the configuration for the passwords of staff. resetd verifies them
// itself, so they never use the accounts' scheme.
func (c Config) OfStaff() Config {
	c.Hashing.Scheme, c.Policy.Scheme = password.Own, password.Own
	return c
}
