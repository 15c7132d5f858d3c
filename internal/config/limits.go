package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"resetd/internal/limit"
)

func checkLimits(cfg *Config, s Settings, p *problems) {
	rule := func(variable, text string) limit.Rule {
		l, err := parseLimit(text)
		p.add(variable, err)
		return l
	}
	cfg.Limits = limit.Rules{
		Address: rule("RESETD_LIMIT_ADDRESS", s.LimitAddress),
		IP:      rule("RESETD_LIMIT_IP", s.LimitIP),
		Link:    rule("RESETD_LIMIT_LINK", s.LimitLink),
		SignIn:  rule("RESETD_LIMIT_SIGNIN", s.LimitSignin),

		SignInAccount: rule("RESETD_LIMIT_SIGNIN_ACCOUNT", s.LimitSigninAccount),
	}
	// With a longer window a stranger could keep the owner from getting a new link
	// after the last one expired.
	cfg.Limits.Address.Window = min(cfg.Limits.Address.Window, cfg.LinkLifetime)
}

// parseLimit parses "5/1h", or "0" for no limit.
func parseLimit(text string) (limit.Rule, error) {
	if text == "0" {
		return limit.Rule{}, nil
	}
	count, window, _ := strings.Cut(text, "/")
	n, errCount := strconv.Atoi(count)
	w, errWindow := ParseDuration(window)
	if errCount != nil || errWindow != nil || n < 1 || w < time.Second {
		return limit.Rule{}, fmt.Errorf("%q is neither a limit such as 5/1h nor 0 for no limit", text)
	}
	return limit.Rule{Count: n, Window: w}, nil
}
