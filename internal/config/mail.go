package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"resetd/internal/bounce"
	"resetd/internal/mail"
	"resetd/internal/reset"
)

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
