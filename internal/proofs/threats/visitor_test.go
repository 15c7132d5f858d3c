package threats

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Even a trusted proxy must not be able to set the host of links.
func TestPoisonedHost(t *testing.T) {
	each(t, vars{"TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		s.account(user)
		asked := 0
		for _, header := range [][2]string{
			{"Host", "evil.example"},
			{"Host", "evil.example:443"},
			{"X-Forwarded-Host", "evil.example"},
			{"X-Forwarded-Server", "evil.example"},
			{"Forwarded", "for=203.0.113.9;host=evil.example;proto=https"},
			{"X-Forwarded-Proto", "evil.example"},
			{"X-Forwarded-Port", "666"},
			{"X-Forwarded-Prefix", "/evil.example"},
			{"X-Original-Url", "//evil.example/"},
			{"X-Rewrite-Url", "//evil.example/"},
			{"Referer", "https://evil.example/"},
		} {
			b := s.browser().With(header[0], header[1])
			b.Request(user).To("/password-reset/done")
			asked++
			s.wantMails(asked, user)
			b.Get("/").To("/login")
			for _, path := range []string{"/password-reset", "/password-reset/", "/login", "/nowhere", "/.well-known/change-password"} {
				if p := b.Get(path); strings.Contains(p.Body+fmt.Sprint(p.Header), "evil") {
					s.Errorf("%s: %s reaches the answer of %s: %v", header[0], header[1], path, p.Header)
				}
			}
		}
		for _, line := range []string{"POST http://evil.example/password-reset", "POST https://evil.example:666/password-reset"} {
			if status := s.raw(line, "Host: evil.example\r\n", "email=user%40example.org"); status != http.StatusSeeOther {
				s.Errorf("%s: got %d, want 303", line, status)
			}
			asked++
			s.wantMails(asked, user)
		}
		for _, m := range s.sink.Messages() {
			if s.linkIn(m); strings.Contains(m.Data+m.Text(s)+m.HTML(s), "evil") {
				s.Errorf("an email contains the forged host:\n%s", m.Data)
			}
		}
	})
}

func TestOpenRedirect(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		for _, evil := range []string{
			"//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, `\/evil.example`, "/\t/evil.example", "\t//evil.example", "/\n/evil.example",
			"/\r/evil.example", " //evil.example", "https://evil.example", "https:evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "@evil.example",
			".evil.example", "?next=//evil.example", "/\x0b/evil.example", "/\u00a0/../\\evil.example",
		} {
			s.browser().Post("/login", "email", user, "password", oldPassword, "next", evil).To("/login")
			p := s.browser().Get("/login?next=" + strings.NewReplacer("%", "%25", "\\", "%5C", "\t", "%09", "\n", "%0A", "\r", "%0D", " ", "%20", "?", "%3F", "\x0b", "%0B", "\u00a0", "%C2%A0").Replace(evil))
			if got := p.Field("next"); got != "" {
				s.Errorf("next=%q: the form contains %q, want nothing", evil, got)
			}
		}
		for _, local := range []string{"/password-change", "/a?b=c#d"} {
			s.browser().Post("/login", "email", user, "password", oldPassword, "next", local).To(local)
		}
		s.browser().Get("/password-change?next=//evil.example").To("/login?next=/password-change")
		if got := s.browser().Get("/login?next=/password-change").Field("next"); got != "/password-change" {
			s.Errorf("the form contains %q, want /password-change", got)
		}
	})
}

func TestLimitsCannotBeBypassed(t *testing.T) {
	each(t, vars{"LIMIT_IP": "3/1h"}, func(s *service) {
		for i := range 3 { // without a trusted proxy the peer's address counts, not its headers
			s.from(fmt.Sprintf("203.0.113.%d", i)).Request(nobody).To("/password-reset/done")
		}
		s.from("203.0.113.99").Request(nobody).Is(http.StatusTooManyRequests)
	})
}
