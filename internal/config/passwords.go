package config

import (
	"fmt"
	"strconv"

	"resetd/internal/breach"
	"resetd/internal/password"
)

// The limits of the settings. NIST SP 800-63B-4, section 3.1.1.2, requires that at
// least 64 characters are allowed.
const (
	leastMaxLength = 64
	mostLength     = 4096
)

func checkPasswords(cfg *Config, s Settings, p *problems) {
	number := func(variable, text string, least, most int) int {
		n, err := parseNumber(text, least, most)
		p.add(variable, err)
		return n
	}
	cfg.Policy = password.Policy{
		MinLength: number("RESETD_PASSWORD_MIN_LENGTH", s.PasswordMinLength, 8, leastMaxLength),
		MaxLength: number("RESETD_PASSWORD_MAX_LENGTH", s.PasswordMaxLength, leastMaxLength, mostLength),
		Site:      cfg.SiteName,
	}
	cfg.Hashing = password.Config{
		Params: password.Params{
			MemoryKiB: uint32(number("RESETD_HASH_MEMORY", s.HashMemory, 7, password.MaxMemoryKiB/1024)) * 1024,
			Passes:    uint32(number("RESETD_HASH_PASSES", s.HashPasses, 1, 100)),
			Threads:   1,
		},
		Workers: number("RESETD_HASH_WORKERS", s.HashWorkers, 0, 1024),
		Queue:   number("RESETD_HASH_QUEUE", s.HashQueue, 100, 100_000),
	}
	_, err := password.NewHasher(cfg.Hashing)
	p.add("RESETD_HASH_MEMORY, RESETD_HASH_PASSES", err)
}

func checkBreached(cfg *Config, s Settings, p *problems) {
	if s.PasswordBreachedFail != "open" && s.PasswordBreachedFail != "closed" {
		p.add("RESETD_PASSWORD_BREACHED_FAIL", fmt.Errorf("%q is neither open nor closed", s.PasswordBreachedFail))
	}
	if s.PasswordBreached == "" {
		return
	}
	var err error
	cfg.Breached, err = breach.New(s.PasswordBreached, s.PasswordBreachedFail == "closed")
	p.add("RESETD_PASSWORD_BREACHED", err)
}

func parseNumber(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return least, fmt.Errorf("%q is not a whole number from %d to %d", text, least, most)
	}
	return n, nil
}
