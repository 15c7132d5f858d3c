package main

import (
	"context"
	"fmt"
	"time"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/config"
	"resetd/internal/mail"
	"resetd/internal/reset"
)

type mailCmd struct {
	Test mailTestCmd `cmd:"" help:"Send a test email and print the mail server's reply."`
}

type mailTestCmd struct {
	Address string `arg:"" help:"Recipient."`
}

// Run implements resetd mail test. It needs no database: it hands the email to the
// server once, without the queue.
func (cmd *mailTestCmd) Run(in *invocation) error {
	address, err := reset.ParseAddress(cmd.Address)
	if err != nil {
		return fmt.Errorf("%q is %w", cmd.Address, err)
	}
	cfg, err := in.config()
	if err != nil {
		return err
	}
	transport, err := mail.NewTransport(cfg.MailURL, cfg.MailUser, cfg.MailPassword, in.stdout, mail.HelloAs(cfg.BaseURL.Hostname()),
		mail.Watch(func(doing string) { _, _ = fmt.Fprintln(in.stdout, doing) }))
	if err != nil {
		return err
	}
	m, err := testMail(cfg, address.Typed)
	if err != nil {
		return err
	}
	reply, err := send(in.ctx, transport, m)
	if err != nil {
		return refused(mail.Name(transport), err)
	}
	_, err = fmt.Fprintf(in.stdout, "%s accepted it: %s\n", mail.Name(transport), reply)
	return err
}

func testMail(cfg config.Config, address string) (*gomail.Msg, error) {
	a := &app{cfg: cfg}
	if err := a.loadWords(); err != nil {
		return nil, err
	}
	composer, err := a.composer()
	if err != nil {
		return nil, err
	}
	return composer.ComposeTest(cfg.Templates, address, time.Now())
}

func send(ctx context.Context, transport mail.Transport, m *gomail.Msg) (string, error) {
	conn, err := transport.Open(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	return conn.Send(ctx, m)
}

// refused adds advice to the server's reply.
func refused(server string, err error) error {
	if advice := mail.Advice(err); advice != "" {
		return fmt.Errorf("%s: %w; %s", server, err, advice)
	}
	return fmt.Errorf("%s: %w", server, err)
}
