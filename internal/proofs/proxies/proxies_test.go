//go:build proxies

package proxies

import (
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// defaults is what Debian's file has before our sections.
const defaults = `
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
`

func TestRestartsBehindNginx(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)})
	a, b := s.instance(), s.instance()
	server := s.shown("../../../README.md", "nginx", "server_name", "http://127.0.0.1:8080", "http://resetd", "listen 443 ssl", "listen "+s.addr+" ssl")
	upstream := s.shown(guide, "nginx", "upstream", "192.0.2.11:8080", a.addr, "192.0.2.12:8080", b.addr)
	s.proxy("nginx.conf", "daemon off;\npid nginx.pid;\nerror_log error.log;\nevents {}\nhttp {\naccess_log off;\n"+upstream+server+"}\n", "nginx", "-p", s.dir, "-c")
	s.losesNothing(a, b)
}

func TestRestartsBehindHAProxy(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)})
	a, b := s.instance(), s.instance()
	frontend, _, _ := strings.Cut(s.shown(guide, "haproxy", "frontend", "bind :443", "bind "+s.addr), "\nbackend ")
	backend := s.shown(guide, "haproxy", "redispatch", "192.0.2.11:8080", a.addr, "192.0.2.12:8080", b.addr)
	s.proxy("haproxy.cfg", defaults+frontend+"\n"+backend, "haproxy", "-db", "-f")
	s.losesNothing(a, b)
}

func TestRestartsBehindCaddy(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := newSite(t, db)
		only := s.instance()
		site := s.shown(guide, "caddy", "keepalive off", "accounts.example.org {", s.url+" {\nbind 127.0.0.1\ntls "+s.cert+" "+s.key, "127.0.0.1:8080", only.addr)
		s.proxy("Caddyfile", "{\nadmin off\nauto_https disable_redirects\n}\n"+site, "caddy", "run", "--adapter", "caddyfile", "--config")
		s.losesNothing(only)
	})
}
