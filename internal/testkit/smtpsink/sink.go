package smtpsink

import (
	"context"
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

// Security is the encryption of connections.
type Security int

// The values of Security.
const (
	StartTLS Security = iota // offered, and required before AUTH
	Implicit                 // TLS from the first byte
	Clear                    // no encryption
)

// Options configure a server. The zero value offers STARTTLS and requires no password.
type Options struct {
	Security       Security
	User, Password string   // AUTH is required if User is set
	Mechanisms     []string // of AUTH; nil for PLAIN and LOGIN
	SMTPUTF8       bool     // accept addresses with non-ASCII characters

	// Take is called with each accepted email. If it is set, the sink keeps no emails
	// and no bytes, so a long run does not fill the memory.
	Take func(Message)
}

// Message is an accepted email.
type Message struct {
	From  string
	To    []string
	Data  string // headers and body, unchanged
	TLS   bool
	User  string // of AUTH; empty without AUTH
	UTF8  bool   // the client requested SMTPUTF8
	Hello string // the client's name in EHLO
}

// Sink is a running server.
type Sink struct {
	options  Options
	listener net.Listener
	caFile   string
	server   *smtp.Server
	ended    sync.WaitGroup
	released chan struct{} // closed by Close, which ends stalled connections

	mu          sync.Mutex
	changed     chan struct{} // closed and replaced at each change
	messages    []Message
	rules       []*rule
	connections int
	open        map[conn]bool
	closed      bool // no connection may stay open
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

// New runs a server until Close. It writes the certificate of its authority to a file in
// dir.
func New(dir string, options Options) (*Sink, error) {
	pair, caFile, err := certificate(dir)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{
		options: options, listener: l, caFile: caFile,
		released: make(chan struct{}), changed: make(chan struct{}), open: map[conn]bool{},
	}
	s.serve(&tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	return s, nil
}

// Close stops the server and closes its connections.
func (s *Sink) Close() {
	close(s.released)
	s.disconnect()
	_ = s.server.Shutdown(context.Background())
	s.ended.Wait()
}

func (s *Sink) serve(config *tls.Config) {
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "sink.example.org"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8 = s.options.SMTPUTF8
	server.AllowInsecureAuth = s.options.Security == Clear
	server.ReadTimeout = time.Minute
	var accept net.Listener = listener{s.listener, s}
	switch s.options.Security {
	case Implicit:
		accept = tls.NewListener(accept, config)
	case StartTLS:
		server.TLSConfig = config
	case Clear:
	}
	s.server = server
	s.ended.Go(func() { _ = server.Serve(accept) })
}

func (s *Sink) store(m Message) {
	if s.options.Take != nil {
		s.options.Take(m)
		return
	}
	s.update(func() { s.messages = append(s.messages, m) })
}

// URL returns the value of RESETD_MAIL_URL for this server, without user and password.
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

// Addr returns the server's host and port.
func (s *Sink) Addr() string { return s.listener.Addr().String() }

// CAFile returns the path of the authority's certificate, in PEM.
func (s *Sink) CAFile() string { return s.caFile }
