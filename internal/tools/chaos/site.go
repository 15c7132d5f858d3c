package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/postfix"
	"resetd/internal/testkit/postgres"
)

// site contains what an operator puts around two instances: nginx in front, PgBouncer
// before the database, Postfix as the mail server, and a small disk for the logs.
type site struct {
	nginx  *exec.Cmd
	pooler *postgres.Pooler
	mail   *postfix.Server
	logs   string // the folder on the small disk
}

// visitorIP is the address of all clients. It is not the proxy's, which resetd trusts.
const visitorIP = "127.0.0.2"

// maxBrowsers is how many requests may be open at the same time.
const maxBrowsers = 100

// nginxConf is the configuration of docs/operations.md, without TLS.
const nginxConf = `
daemon off;
pid %[1]s/nginx.pid;
error_log %[1]s/nginx.log;
events {}
http {
	access_log off;
	upstream resetd {
		server %[3]s max_fails=0;
		server %[4]s max_fails=0;
	}
	server {
		listen %[2]s;
		location / {
			proxy_pass http://resetd;
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $remote_addr;
		}
	}
}
`

// openSite starts the site, with nginx at an address, and two instances in it.
func (t *trial) openSite(ctx context.Context, addr string) (err error) {
	t.site = &site{logs: filepath.Join(t.dir, "logs")}
	if err := os.Mkdir(t.site.logs, 0o700); err != nil {
		return err
	}
	if err := mountSmall(ctx, t.site.logs); err != nil {
		return err
	}
	if t.site.pooler, err = postgres.StartPooler(ctx, t.env["RESETD_DATABASE_URL"], "max_client_conn=200", "default_pool_size=20"); err != nil {
		return err
	}
	// Postfix passes the emails on to the sink, as to the server of the recipient.
	t.site.mail, err = postfix.New(ctx, "mynetworks = 127.0.0.0/8\nrelayhost = ["+strings.Replace(t.sink.Addr(), ":", "]:", 1)+
		"\nminimal_backoff_time = 5s\nmaximal_backoff_time = 20s\nqueue_run_delay = 5s\n")
	if err != nil {
		return err
	}
	if err := t.site.mail.Start(ctx); err != nil {
		return err
	}
	t.env["RESETD_DATABASE_URL"] = t.site.pooler.URL("postgres")
	t.env["RESETD_MAIL_URL"] = t.site.mail.URL()
	t.env["RESETD_MAIL_FROM"] = "accounts@example.org"
	t.env["RESETD_BASE_URL"] = t.url
	t.env["RESETD_TRUSTED_PROXIES"] = "127.0.0.1"
	var addrs []string
	for range 2 {
		at, err := loopback.FreeAddr(ctx)
		if err != nil {
			return err
		}
		if err := t.serve(ctx, at); err != nil {
			return err
		}
		addrs = append(addrs, at)
	}
	t.client.Transport = visitors()
	return t.site.startNginx(ctx, t.dir, addr, addrs)
}

// visitors returns the connections of clients with visitorIP.
func visitors() *http.Transport {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(visitorIP)}}
	// The connections end before nginx ends them, at any moment of a request.
	return &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: maxBrowsers, IdleConnTimeout: 30 * time.Second}
}

// startNginx starts nginx, and returns when it accepts connections.
func (s *site) startNginx(ctx context.Context, dir, addr string, upstreams []string) error {
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConf, dir, addr, upstreams[0], upstreams[1]), 0o600); err != nil {
		return err
	}
	s.nginx = exec.CommandContext(context.WithoutCancel(ctx), "nginx", "-c", file)
	s.nginx.SysProcAttr = postgres.DiesWithParent(syscall.SIGTERM)
	s.nginx.Stderr = os.Stderr
	if err := s.nginx.Start(); err != nil {
		return err
	}
	return loopback.Await(ctx, addr)
}

// launch starts an instance. In a site, it logs to a file, as under an init system.
func (s *site) launch(ctx context.Context, binary string, env map[string]string) (*instance.Instance, error) {
	if s == nil {
		return instance.Start(ctx, binary, env, "serve")
	}
	return instance.Start(ctx, "sh", env, "-c", `exec "$0" serve 2>>"$1"`, binary, s.log())
}

// log returns the file that both instances log to.
func (s *site) log() string { return filepath.Join(s.logs, "resetd.log") }

// queued returns how many emails the mail server has accepted and not passed on yet.
func (s *site) queued() int {
	if s == nil {
		return 0
	}
	return s.mail.Queued()
}

func (s *site) close() {
	if s == nil {
		return
	}
	if s.nginx != nil && s.nginx.Process != nil {
		_ = s.nginx.Process.Signal(syscall.SIGTERM)
		_ = s.nginx.Wait() // reports the signal
	}
	if s.mail != nil {
		_ = s.mail.Close()
	}
	if s.pooler != nil {
		_ = s.pooler.Close()
	}
	unmount(s.logs)
}
