package check

import (
	"context"
	"errors"
	"strings"
	"time"

	"resetd/internal/mail"
)

// mailTimeout is for the whole conversation with a mail server.
const mailTimeout = 10 * time.Second

// mail goes the way of a mail, and sends none.
func (i *inspection) mail(ctx context.Context) []finding {
	c := i.Config
	transport, err := mail.NewTransport(c.MailURL, c.MailUser, c.MailPassword, nil, mail.HelloAs(c.BaseURL.Hostname()))
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	met, err := mail.Probe(ctx, transport, c.MailFrom)
	switch {
	case errors.Is(err, mail.ErrTrial):
		return []finding{i.trial()}
	case err != nil:
		return []finding{wrong(withAdvice(mail.Name(transport)+": "+err.Error(), mail.Advice(err)))}
	default:
		return []finding{ok(met)}
	}
}

func withAdvice(words, advice string) string {
	if advice == "" {
		return words
	}
	return words + "; " + advice
}

// trial: what is fine on one's own machine reaches nobody from a real site.
func (i *inspection) trial() finding {
	const words = "mails go to standard output: for trying out only"
	if i.Config.BaseURL.Scheme == "https" {
		return wrong(words + "; set RESETD_MAIL_URL=smtp://HOST:587")
	}
	return note(words)
}

// sender looks at the address that mails come from.
func (i *inspection) sender(context.Context) []finding {
	c := i.Config
	_, domain, _ := strings.Cut(c.MailFrom, "@")
	if strings.HasPrefix(c.MailURL, "smtp") && !strings.Contains(domain, ".") {
		words := "mails come from an address at " + domain + ", which is none elsewhere; set RESETD_MAIL_FROM to one of your own"
		if c.BaseURL.Scheme == "https" {
			return []finding{wrong(words)}
		}
		return []finding{note(words)}
	}
	if c.MailReplyTo == "" {
		return []finding{ok(c.MailFrom + "; answers go there too")}
	}
	return []finding{ok(c.MailFrom + "; answers go to " + c.MailReplyTo)}
}
