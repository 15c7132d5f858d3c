package main

import (
	"io"

	"resetd/internal/bounce"
	"resetd/internal/mail"
	"resetd/internal/reset"
)

func (a *app) startMail(console io.Writer) error {
	composer, err := a.composer()
	if err != nil {
		return err
	}
	transport, err := mail.NewTransport(a.cfg.MailURL, a.cfg.MailUser, a.cfg.MailPassword, console, mail.HelloAs(a.cfg.BaseURL.Hostname()))
	if err != nil {
		return err
	}
	a.feed = a.store.NewFeed()
	queue, _, err := lifeCycle(a.cfg, a.feed, nil, a.now, func() { a.worker.Wake() }, a.metrics.Reset)
	if err != nil {
		return err
	}
	a.worker, err = mail.NewWorker(mail.WorkerConfig{
		Resets: a.metrics.Mails(queue), Composer: composer, Transport: transport, Lanes: a.cfg.MailLanes, Log: a.log, Observe: a.email,
	})
	return err
}

func (a *app) composer() (*mail.Composer, error) {
	keys, err := a.bounceKeys()
	if err != nil {
		return nil, err
	}
	return mail.NewComposer(a.cfg.Templates, a.words, mail.Site{
		Name: a.cfg.SiteName, BaseURL: a.cfg.BaseURL.String(), From: a.cfg.MailFrom, ReplyTo: a.cfg.MailReplyTo, SignsOut: a.cfg.Accounts.EndsSessions, NoLink: a.cfg.MailNoLink, Bounces: bounce.NewSender(a.cfg.Bounces, keys).Of,
	})
}

// bounceKeys returns the keys of envelope senders. Without a bounce address none are
// needed, and none are created.
func (a *app) bounceKeys() (reset.Keys, error) {
	if a.cfg.Bounces == "" {
		return reset.Keys{}, nil
	}
	return a.cfg.SigningKeys()
}
