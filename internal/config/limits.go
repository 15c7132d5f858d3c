package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limit allows Count of something in each Window; a Count of 0 is no limit.
type Limit struct {
	Count  int
	Window time.Duration
}

// Limits bound what one address, visitor or link may do.
type Limits struct {
	Address Limit // requests for one address; its window is never longer than a link's life
	IP      Limit // requests from one IP address, or IPv6 /64
	Link    Limit // attempts with one link
	SignIn  Limit // failed sign-ins, for one address and from one IP address
}

func checkLimits(cfg *Config, s Settings, p *problems) {
	limit := func(variable, text string) Limit {
		l, err := parseLimit(text)
		p.add(variable, err)
		return l
	}
	cfg.Limits = Limits{
		Address: limit("RESETD_LIMIT_ADDRESS", s.LimitAddress),
		IP:      limit("RESETD_LIMIT_IP", s.LimitIP),
		Link:    limit("RESETD_LIMIT_LINK", s.LimitLink),
		SignIn:  limit("RESETD_LIMIT_SIGNIN", s.LimitSignin),
	}
	// A longer window would let a stranger keep an owner from getting a link
	// after the last one died.
	cfg.Limits.Address.Window = min(cfg.Limits.Address.Window, cfg.LinkLifetime)
}

// parseLimit reads "5/1h", or "0" for no limit.
func parseLimit(text string) (Limit, error) {
	if text == "0" {
		return Limit{}, nil
	}
	count, window, _ := strings.Cut(text, "/")
	n, errCount := strconv.Atoi(count)
	w, errWindow := parseDuration(window)
	if errCount != nil || errWindow != nil || n < 1 || w < time.Second {
		return Limit{}, fmt.Errorf("%q is not a limit such as 5/1h, nor 0 for none", text)
	}
	return Limit{n, w}, nil
}
