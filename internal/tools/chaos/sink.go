package main

import (
	"context"
	"io"
	"log"
	"math/rand/v2"
	"net"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"
)

// mailed is an email that the sink accepted.
type mailed struct {
	id    string // Message-ID, without brackets and domain: the delivery's id
	to    string
	token string // of the link; empty in a notice
}

// sink is a mail server that keeps emails and sometimes refuses or forgets one.
type sink struct {
	url    string
	server *smtp.Server
	took   func(mailed)

	mu    sync.Mutex
	rng   *rand.Rand
	kind  bool // accepts everything
	mails []mailed
}

// The number of emails, out of a hundred, that the sink refuses or forgets.
const (
	refusing   = 3 // 451: try again
	forgetting = 1 // accepts the email and disconnects without a reply
)

func startSink(ctx context.Context, rng *rand.Rand, took func(mailed)) (*sink, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "smtp://" + listener.Addr().String() + "?starttls=off", took: took, rng: rng}
	s.server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{sink: s, conn: c}, nil
	}))
	s.server.Domain = "sink.example.org"
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func (s *sink) close() { _ = s.server.Close() }

// calm makes the sink accept every email from now on.
func (s *sink) calm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kind = true
}

// all returns the emails so far.
func (s *sink) all() []mailed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mailed(nil), s.mails...)
}

// take decides at random whether to keep an email and whether to answer.
func (s *sink) take(m mailed) (taken, answer bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	mood := s.rng.IntN(100)
	if s.kind {
		mood = 100
	}
	if mood < refusing {
		return false, true
	}
	s.mails = append(s.mails, m)
	return true, mood >= refusing+forgetting
}

// session is an SMTP session.
type session struct {
	sink *sink
	conn *smtp.Conn
	to   string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := parse(s.to, string(text))
	taken, answer := s.sink.take(m)
	if !taken {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.NoEnhancedCode, Message: "Later, please"}
	}
	s.sink.took(m)
	if !answer {
		return s.conn.Conn().Close()
	}
	return nil
}

func (*session) Reset() {}

func (*session) Logout() error { return nil }

var linkPattern = regexp.MustCompile(`/password-reset/confirm/([A-Za-z0-9_-]{64})`)

func parse(to, text string) mailed {
	m := mailed{to: to}
	if message, err := netmail.ReadMessage(strings.NewReader(text)); err == nil {
		m.id, _, _ = strings.Cut(strings.Trim(message.Header.Get("Message-ID"), "<>"), "@")
	}
	// Quoted-printable breaks long lines with "=", which is never in a token.
	if found := linkPattern.FindStringSubmatch(strings.ReplaceAll(text, "=\r\n", "")); found != nil {
		m.token = found[1]
	}
	return m
}
