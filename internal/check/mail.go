package check

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"resetd/internal/mail"
	"resetd/internal/words"
)

// mailTimeout limits the whole SMTP conversation. Emails have minutes for each stage.
const mailTimeout = 10 * time.Second

// mail connects and signs in like a delivery, but sends no email.
func (i *inspection) mail(ctx context.Context) results {
	c := i.Config
	transport, err := mail.NewTransport(c.MailURL, c.MailUser, c.MailPassword, nil, mail.HelloAs(c.BaseURL.Hostname()))
	if err != nil {
		return failed(err)
	}
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	result, err := mail.Probe(ctx, transport, cmp.Or(c.Bounces, c.MailFrom))
	switch {
	case errors.Is(err, mail.ErrTrial) && i.public():
		return wrong("emails go to standard output; use this for trials only; set RESETD_MAIL_URL=smtp://HOST:587")
	case errors.Is(err, mail.ErrTrial):
		return note("emails go to standard output; use this for trials only")
	case err == nil:
		return ok("%s", result)
	case mail.Connected(err) && ctx.Err() != nil:
		return skip("%s is slow: no end after %s (%s); emails wait longer: try resetd mail test ADDRESS", mail.Name(transport), words.Span(mailTimeout), err)
	case mail.Advice(err) == "":
		return wrong("%s: %s", mail.Name(transport), err)
	default:
		return wrong("%s: %s; %s", mail.Name(transport), err, mail.Advice(err))
	}
}

// public reports whether other people use the site.
func (i *inspection) public() bool { return i.Config.BaseURL.Scheme == "https" }

// sender checks the sender's address.
func (i *inspection) sender(context.Context) results {
	c := i.Config
	_, domain, _ := strings.Cut(c.MailFrom, "@")
	judge := note
	if i.public() {
		judge = wrong
	}
	switch {
	case strings.HasPrefix(c.MailURL, "smtp") && !strings.Contains(domain, "."):
		return judge("the sender is an address at %s, which is not a public domain; set RESETD_MAIL_FROM to an address of your domain", domain)
	case c.MailReplyTo == "":
		return ok("%s; replies go to the same address", c.MailFrom)
	default:
		return ok("%s; replies go to %s", c.MailFrom, c.MailReplyTo)
	}
}
