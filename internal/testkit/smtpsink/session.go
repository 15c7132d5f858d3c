package smtpsink

import (
	"crypto/subtle"
	"errors"
	"io"
	"slices"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one SMTP connection. It implements smtp.AuthSession.
type session struct {
	sink *Sink
	conn *smtp.Conn
	user string
	mail Message
}

func (s *Sink) session(conn *smtp.Conn) (smtp.Session, error) {
	opened := &session{sink: s, conn: conn}
	if err := opened.applyRule(Hello); err != nil {
		return nil, err
	}
	return opened, nil
}

func (s *session) AuthMechanisms() []string {
	switch {
	case s.sink.options.User == "":
		return nil
	case s.sink.options.Mechanisms != nil:
		return s.sink.options.Mechanisms
	default:
		return []string{sasl.Plain, sasl.Login}
	}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch {
	case !slices.Contains(s.AuthMechanisms(), mechanism):
		return nil, smtp.ErrAuthUnknownMechanism
	case mechanism == sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return s.signIn(user, password) }), nil
	default:
		return &loginServer{signIn: s.signIn}, nil
	}
}

func (s *session) signIn(user, password string) error {
	o := s.sink.options
	if subtle.ConstantTimeCompare([]byte(user+"\x00"+password), []byte(o.User+"\x00"+o.Password)) == 0 {
		return smtp.ErrAuthFailed
	}
	s.user = user
	return nil
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if s.sink.options.User != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = Message{From: from, TLS: encrypted, User: s.user, UTF8: o.UTF8, Hello: s.conn.Hostname()}
	return s.applyRule(Mail)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = append(s.mail.To, to)
	return s.applyRule(Rcpt, to)
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.applyRule(Data, s.mail.To...); err != nil {
		return err
	}
	s.mail.Data = string(data)
	s.sink.store(s.mail)
	return s.applyRule(Taken, s.mail.To...)
}

func (s *session) Reset() { s.mail = Message{} }

func (s *session) Logout() error { return nil }

// loginServer implements AUTH LOGIN, which the library no longer supports on a server.
type loginServer struct {
	signIn func(user, password string) error
	step   int
	user   string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	case 3:
		return nil, true, l.signIn(l.user, string(response))
	default:
		return nil, false, errors.New("unexpected response")
	}
}
