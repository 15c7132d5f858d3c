package config

import (
	"fmt"
	"strings"
	"testing"

	"resetd/internal/password"
)

func TestHashingFollowsTheAccounts(t *testing.T) {
	for name, want := range map[string]password.Scheme{
		"builtin":      password.Own,
		"django":       {Format: password.Match, Prepare: password.None},
		"flask-bcrypt": {Format: "bcrypt", Cost: 12, Prefix: "$2b$", Prepare: password.None},
		"werkzeug":     {Format: password.Match, Prepare: password.None},
		"devise":       {Format: "bcrypt", Cost: 12, Prefix: "$2a$", Prepare: password.None},
		"laravel":      {Format: password.Match, Prefix: "$2y$", Prepare: password.None},
	} {
		s := defaults(t)
		s.Accounts = name
		if name != "builtin" {
			s.LoginURL = "https://www.example.org/"
		}
		cfg, err := Check(s, secrets(t, nil))
		must(t, err)
		if cfg.Hashing.Scheme != want || cfg.Policy.Scheme != want {
			t.Errorf("%s: got %v and %v, want %v", name, cfg.Hashing.Scheme, cfg.Policy.Scheme, want)
		}
		if own := cfg.OfStaff(); own.Hashing.Scheme != password.Own || own.Policy.Scheme != password.Own {
			t.Errorf("%s: staff: %v", name, own.Hashing.Scheme)
		}
	}
}

func TestPepperIsOnlyForAccountsWithPepper(t *testing.T) {
	s := defaults(t)
	s.Accounts, s.LoginURL = "devise", "https://www.example.org/"
	given := secrets(t, map[string]string{"RESETD_PEPPER": "salt"})
	cfg, err := Check(s, given)
	if err != nil || cfg.Hashing.Scheme.Pepper != "salt" || cfg.Policy.Scheme.Pepper != "salt" {
		t.Errorf("devise: %v", err)
	}
	if printed := fmt.Sprintf("%+v %+v", given, cfg); strings.Contains(printed, "salt") {
		t.Error("the pepper is printed")
	}
	s.Accounts = "django"
	if _, err := Check(s, given); err == nil || !strings.Contains(err.Error(), "RESETD_PEPPER: unset it") {
		t.Errorf("django: got %v, want an error about RESETD_PEPPER", err)
	}
}
