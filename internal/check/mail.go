package check

import (
	"context"
	"errors"
	"strings"
	"time"

	"resetd/internal/mail"
)

// mailTimeout limits the whole SMTP conversation.
const mailTimeout = 10 * time.Second

// mail connects and signs in like a delivery, but sends no email.
func (i *inspection) mail(ctx context.Context) []finding {
	c := i.Config
	transport, err := mail.NewTransport(c.MailURL, c.MailUser, c.MailPassword, nil, mail.HelloAs(c.BaseURL.Hostname()))
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	result, err := mail.Probe(ctx, transport, c.MailFrom)
	switch {
	case errors.Is(err, mail.ErrTrial):
		return []finding{i.trial()}
	case err != nil:
		return []finding{wrong(withAdvice(mail.Name(transport)+": "+err.Error(), mail.Advice(err)))}
	default:
		return []finding{ok(result)}
	}
}

func withAdvice(text, advice string) string {
	if advice == "" {
		return text
	}
	return text + "; " + advice
}

// trial judges a transport that sends nothing. It is wrong for a public site.
func (i *inspection) trial() finding {
	const text = "emails go to standard output; use this for trials only"
	if i.Config.BaseURL.Scheme == "https" {
		return wrong(text + "; set RESETD_MAIL_URL=smtp://HOST:587")
	}
	return note(text)
}

// sender checks the sender's address.
func (i *inspection) sender(context.Context) []finding {
	c := i.Config
	_, domain, _ := strings.Cut(c.MailFrom, "@")
	if strings.HasPrefix(c.MailURL, "smtp") && !strings.Contains(domain, ".") {
		text := "the sender is an address at " + domain + ", which is not a public domain; set RESETD_MAIL_FROM to an address of your domain"
		if c.BaseURL.Scheme == "https" {
			return []finding{wrong(text)}
		}
		return []finding{note(text)}
	}
	if c.MailReplyTo == "" {
		return []finding{ok(c.MailFrom + "; replies go to the same address")}
	}
	return []finding{ok(c.MailFrom + "; replies go to " + c.MailReplyTo)}
}
