package smtpsink

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Security is how the connection is encrypted.
type Security int

// The ways to encrypt.
const (
	StartTLS Security = iota // offered, and needed before AUTH
	Implicit                 // from the first byte
	Clear                    // never: STARTTLS is not offered
)

// Options is what kind of server it is. The zero value offers STARTTLS and asks
// nobody for a password.
type Options struct {
	Security       Security
	User, Password string   // both set: AUTH is required
	Mechanisms     []string // of AUTH; PLAIN and LOGIN unless set
	SMTPUTF8       bool     // addresses beyond ASCII are taken

	// Take gets each mail that is taken. The sink then keeps nothing, which a
	// long run needs: no mails, connections and bytes.
	Take func(Message)
}

// Message is a mail that was taken.
type Message struct {
	From  string
	To    []string
	Data  string // headers and body as they came
	TLS   bool
	User  string // who was signed in
	UTF8  bool   // SMTPUTF8 was asked for
	Hello string // the name that the client gave
}

// Sink is a running server.
type Sink struct {
	options  Options
	listener net.Listener
	caFile   string
	server   *smtp.Server
	ended    sync.WaitGroup
	released chan struct{} // closed at the end: stalled conversations go on

	mu          sync.Mutex
	changed     chan struct{} // closed and replaced whenever something happens
	messages    []Message
	rules       []*rule
	connections int
	stalled     int
	heard       []byte
}

// Start runs a server until the test ends.
func Start(t testing.TB, options Options) *Sink {
	t.Helper()
	s, err := New(t.TempDir(), options)
	if err != nil {
		t.Fatalf("smtpsink: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// New runs a server until Close. Its certificate authority is a file in dir.
func New(dir string, options Options) (*Sink, error) {
	pair, caFile, err := certificate(dir)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{
		options: options, listener: listener, caFile: caFile,
		released: make(chan struct{}), changed: make(chan struct{}),
	}
	s.serve(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	return s, nil
}

// Close ends the server and its conversations.
func (s *Sink) Close() {
	close(s.released)
	_ = s.server.Close()
	s.ended.Wait()
}

func (s *Sink) serve(config *tls.Config) {
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "sink.example.org"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8 = s.options.SMTPUTF8
	server.AllowInsecureAuth = s.options.Security == Clear
	server.ReadTimeout = time.Minute
	listener := s.listener
	if s.options.Take == nil {
		listener = eavesdropper{listener, s}
	}
	switch s.options.Security {
	case Implicit:
		listener = tls.NewListener(listener, config)
	case StartTLS:
		server.TLSConfig = config
	case Clear:
	}
	s.server = server
	s.ended.Go(func() { _ = server.Serve(listener) })
}

func (s *Sink) take(m Message) {
	if s.options.Take != nil {
		s.options.Take(m)
		return
	}
	s.note(func() { s.messages = append(s.messages, m) })
}

// URL is the server's address as RESETD_MAIL_URL wants it, without user and
// password.
func (s *Sink) URL() string {
	host := s.listener.Addr().String()
	ca := "?ca=" + url.QueryEscape(s.caFile)
	switch s.options.Security {
	case Implicit:
		return "smtps://" + host + ca
	case Clear:
		return "smtp://" + host + "?starttls=off"
	default:
		return "smtp://" + host + ca
	}
}

// Addr is the server's host and port.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// CAFile is the authority that signed the server's certificate, in PEM.
func (s *Sink) CAFile() string { return s.caFile }
