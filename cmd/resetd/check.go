package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"resetd/internal/check"
	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/web"
)

type checkCmd struct {
	Verify bool   `help:"Show that a password verifies: the first line of standard input is an address, the second its password." xor:"what"`
	Grants string `help:"Print the smallest GRANT script for this role on PostgreSQL, and nothing else." placeholder:"ROLE" xor:"what"`

	Forwarded *string `help:"Print the visitor's IP address if a trusted proxy sends this header, and nothing else." placeholder:"HEADER" xor:"what"`

	fresh bool // the service was never started
}

// Run implements resetd check. Unlike other commands it continues if settings are
// invalid.
func (cmd *checkCmd) Run(in *invocation) error {
	if cmd.Grants != "" {
		return in.grants(cmd.Grants)
	}
	if cmd.Forwarded != nil { // an empty header counts: the proxy sends none
		return in.forwarded(*cmd.Forwarded)
	}
	var known *check.Credentials
	if cmd.Verify {
		var err error
		if known, err = in.credentials(); err != nil {
			return err
		}
	}
	secrets, unread := config.ReadSecrets(in.getenv)
	cfg, err := config.Check(in.settings, secrets)
	failed, all := check.Run(in.ctx, check.Input{
		Config: cfg, Problems: errors.Join(unread, err, config.Unknown(in.variables())), SecretKey: secrets.SecretKey, Secrets: config.SecretFiles(in.getenv), TLSKey: in.settings.TLSKey, File: in.file[filePath], Fresh: cmd.fresh,
		Templates: func() error { return tryTemplates(cfg) }, Now: time.Now, Verify: known,
	}, func(r check.Result) {
		_, _ = fmt.Fprintf(in.stdout, "%-6s %s: %s\n", r.State, r.Subject, history.Printable(r.Text))
	})
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, all)
	}
	return nil
}

func (in *invocation) grants(role string) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	script, err := check.Grants(in.ctx, cfg, role)
	_, _ = fmt.Fprint(in.stdout, script)
	return err
}

// forwarded prints the visitor for a header, with or without its name.
func (in *invocation) forwarded(header string) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	p := cfg.Proxies
	if len(p.Trusted) == 0 {
		return errors.New("RESETD_TRUSTED_PROXIES is empty, so no header counts: the visitor is whoever connects")
	}
	if name, value, _ := strings.Cut(header, ":"); slices.Contains(web.ProxyHeaders, http.CanonicalHeaderKey(name)) {
		if header = value; http.CanonicalHeaderKey(name) != p.Header {
			return fmt.Errorf("%s does not count, because RESETD_PROXY_HEADER is %s", name, p.Header)
		}
	}
	ip := p.Visitor(p.Trusted[0].Addr().String(), http.Header{p.Header: {header}})
	if ip == web.Unknown {
		return fmt.Errorf("%s names no visitor: it is unreadable, or all its addresses are in RESETD_TRUSTED_PROXIES", p.Header)
	}
	_, err = fmt.Fprintln(in.stdout, ip)
	return err
}

// credentials reads an address and a password on two lines. A terminal does not show
// the password.
func (in *invocation) credentials() (*check.Credentials, error) {
	if f := in.terminal(); f != nil {
		_, _ = fmt.Fprint(in.stderr, "Address: ")
		address, err := in.line(bufio.NewReader(f))
		if err != nil {
			return nil, fmt.Errorf("read the address: %w", err)
		}
		plain, err := in.typed(f, "Password: ")
		return &check.Credentials{Address: strings.TrimSpace(address), Password: plain}, err
	}
	lines, err := in.lines(2)
	if err != nil {
		return nil, fmt.Errorf("read the address and the password: %w", err)
	}
	return &check.Credentials{Address: lines[0], Password: lines[1]}, nil
}

// tryTemplates parses and tries the templates as serve does.
func tryTemplates(cfg config.Config) error {
	a := &app{cfg: cfg}
	if err := errors.Join(a.loadWords(), a.loadPages()); err != nil {
		return err
	}
	_, err := testMail(cfg, cfg.MailFrom)
	return err
}
