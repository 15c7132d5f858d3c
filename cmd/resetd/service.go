package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"resetd/internal/listen"
	"resetd/internal/reset"
)

// service answers requests with an app. A reload replaces it by another one.
type service struct {
	reload func() (*app, error) // nil: it ignores SIGHUP
	hangUp chan os.Signal

	mu          sync.RWMutex
	app         *running
	certificate *listen.Certificate // nil: without TLS
	ending      sync.WaitGroup      // apps before it, which finish their requests
	connections connections
}

// running is an app that serves, with its background work.
type running struct {
	*app
	requests   sync.WaitGroup
	background sync.WaitGroup
	stopMail   func()
	stop       func() // everything
}

// newService returns a service that neither the end of a terminal nor a dead reader of
// the log ends, from now on.
func newService() *service {
	signal.Ignore(syscall.SIGPIPE)
	s := &service{hangUp: make(chan os.Signal, 1)}
	signal.Notify(s.hangUp, syscall.SIGHUP)
	return s
}

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	a := s.app
	a.requests.Add(1)
	s.mu.RUnlock()
	defer a.requests.Done()
	s.connections.endAfter(w)
	a.handler.ServeHTTP(w, r)
}

// begin starts the background work. The worker takes no more emails when ctx is done.
func (a *running) begin(ctx context.Context) {
	a.watch()
	a.readiness.once(ctx) // so that /readyz answers yes from the first moment
	mailing, stopMail := context.WithCancel(ctx)
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stopMail, a.stop = stopMail, func() { stopMail(); stop() }
	a.background.Go(func() { a.worker.Run(mailing) }) // at the end it finishes the emails that it has begun
	a.background.Go(func() { a.sweep(working) })
	a.background.Go(func() { a.resolveClaims(working) })
	a.background.Go(func() { a.readiness.run(working) })
}

// end finishes the requests and the work, and closes the app.
func (a *running) end() {
	a.stopMail()
	a.requests.Wait()
	a.stop()
	a.background.Wait()
	_ = a.close()
}

// serve answers requests until ctx is done. Then it finishes open requests and emails.
// It calls started when it listens.
func (s *service) serve(ctx context.Context, a *app, started func(addr string)) error {
	tuneRuntime()
	defer signal.Stop(s.hangUp)
	s.app, s.certificate = &running{app: a}, a.cfg.Certificate
	s.app.begin(ctx)
	defer func() { s.app.end(); s.ending.Wait() }()
	listener, err := listen.Open(ctx, s.app.cfg.Addr)
	if err != nil {
		return fmt.Errorf("RESETD_ADDR: listen on %s: %w", s.app.cfg.Addr, err)
	}
	stopMetrics, err := a.serveMetrics(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer stopMetrics()
	requests, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	server := s.server(requests)
	failed := make(chan error, 1)
	go func() { failed <- s.answer(server, listener) }()
	started(listener.Addr().String())
	notify(daemon.SdNotifyReady)
	for {
		select {
		case err := <-failed:
			return fmt.Errorf("serve: %w", err)
		case <-s.hangUp:
			s.replace(ctx)
		case <-ctx.Done():
			notify(daemon.SdNotifyStopping)
			return s.shutDown(server, listener, func() { end(reset.ErrUnavailable) })
		}
	}
}

func (s *service) server(requests context.Context) *http.Server {
	return &http.Server{
		BaseContext:       func(net.Listener) context.Context { return requests },
		Handler:           s,
		ConnState:         s.connections.note,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.app.log.Handler(), slog.LevelDebug),
	}
}

// answer serves with TLS if there is a certificate.
func (s *service) answer(server *http.Server, listener net.Listener) error {
	if s.certificate == nil {
		return server.Serve(listener)
	}
	server.TLSConfig = listen.TLS(func() *listen.Certificate {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.certificate
	})
	return server.ServeTLS(listener, "", "")
}

// replace reads the settings again and serves with them. If they are wrong, everything
// stays as it is.
func (s *service) replace(ctx context.Context) {
	if s.reload == nil {
		return
	}
	notify(daemon.SdNotifyReloading)
	defer notify(daemon.SdNotifyReady)
	a, err := s.reload()
	if err != nil {
		s.app.log.Error("not reloaded; the settings before stay", "error", err.Error())
		return
	}
	next := &running{app: a}
	next.begin(ctx)
	s.mu.Lock()
	before := s.app
	s.app = next
	if s.certificate != nil && a.cfg.Certificate != nil { // whether it speaks TLS needs a restart
		s.certificate = a.cfg.Certificate
	}
	s.mu.Unlock()
	s.ending.Go(before.end)
	a.log.Info("reloaded")
}

// notify tells systemd about the state of the service (sd_notify(3)), if it asks.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }
