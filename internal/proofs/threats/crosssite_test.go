package threats

import (
	"net/http"
	"strings"
	"testing"

	"resetd/internal/users"
)

func TestCrossSite(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		notMe := s.notMeIn(s.mails()[0])
		b := s.browser()
		b.login(user, oldPassword).To("/login")
		session := b.Cookie("resetd_session")
		opened := b.With("Sec-Fetch-Site", "cross-site").OpenLink(link) // like a link in a webmail
		b.Header.Del("Sec-Fetch-Site")
		for name, headers := range map[string]map[string]string{
			"another site":             {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
			"a sibling":                {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example.org"},
			"a browser without both":   {"Sec-Fetch-Site": "cross-site"},
			"an older browser":         {"Origin": "https://evil.example"},
			"a frame in a sandbox":     {"Origin": "null"},
			"another port":             {"Origin": "http://127.0.0.1:1"},
			"one that poses by method": {"Origin": "https://evil.example", "X-Http-Method-Override": "GET"},
		} {
			b.Header = http.Header{}
			for header, value := range headers {
				b.With(header, value)
			}
			for path, p := range map[string]page{
				"/password-reset/confirm": b.Choose(opened, newPassword, newPassword), "/password-reset": b.Request(user), notMe: b.Deny(notMe),
				"/login": b.login(user, oldPassword), "/password-change": b.change(oldPassword, newPassword), "/logout": b.Post("/logout"),
			} {
				if p.Status != http.StatusForbidden || b.Cookie("resetd_session") != session {
					s.Errorf("%s from %s: got %d, want 403 and the same session", path, name, p.Status)
				}
			}
		}
		b.Header = http.Header{}
		b.Get("/password-change").Is(http.StatusOK)
		s.wantMails(1, user)
		s.wantPassword(user, oldPassword, newPassword)
		b.With("Sec-Fetch-Site", "same-origin").With("Origin", s.program.URL).Choose(opened, newPassword, newPassword).To("/password-reset/complete")
	})
}

// Anybody in the network can forge the http:// site, which must not be able to post to
// the https:// site.
func TestSameHostWithoutTLS(t *testing.T) {
	each(t, vars{"BASE_URL": "https://accounts.example.org"}, func(s *service) {
		s.account(user)
		b := s.browser().With("Host", "accounts.example.org").With("Origin", "http://accounts.example.org")
		b.Request(user).Is(http.StatusForbidden)
		b.With("Sec-Fetch-Site", "cross-site").Request(user).Is(http.StatusForbidden)
		s.wantMails(0)
		b = s.browser().With("Host", "accounts.example.org").With("Origin", "https://accounts.example.org")
		b.Request(user).To("/password-reset/done")
	})
}

func TestFramingAndMarkup(t *testing.T) {
	const markup = `<img src=x onerror=alert(1)>"'><i>`
	each(t, nil, func(s *service) {
		s.account(user, func(u *users.User) { u.Name = markup })
		link := s.ask(user)
		b := s.browser()
		typed := s.browser().Request(`"><script>alert(1)</script>`).Is(http.StatusUnprocessableEntity)
		login := s.browser().login(`"><script>alert(1)</script>`, "x").Is(http.StatusUnprocessableEntity)
		next := s.browser().Get(`/login?next=/"><script>alert(1)</script>`)
		in := s.browser()
		in.login(user, oldPassword).To("/login")
		for what, p := range map[string]page{
			"the form": b.OpenLink(link), "the form again": b.Choose(b.Get("/password-reset/confirm"), "x", "y"), "signed in": in.Get("/login"), "the change": in.Get("/password-change"),
			"what was typed": typed, "a login": login, "next": next, "a link": b.Get(link), "no page": b.Get(`/"><script>alert(1)</script>`), "a redirect": b.Get("/"),
		} {
			if p.Find(`img, i, script:not([src])`).Length() > 0 || strings.Contains(p.Body, "<script>") {
				s.Errorf("%s: markup has become part of the page:\n%s", what, p.Body)
			}
			csp := p.Header.Get("Content-Security-Policy")
			if p.Header.Get("X-Frame-Options") != "DENY" || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				s.Errorf("%s: can be framed or run scripts: %v", what, p.Header)
			}
		}
		if shown := in.Get("/login").Find("main").Text(); !strings.Contains(shown, markup) {
			s.Errorf("the name is not shown unchanged: %q", shown)
		}
		s.wantNoMarkup(markup)
	})
}

// wantNoMarkup checks that a name is only text in the mail.
func (s *service) wantNoMarkup(name string) {
	s.Helper()
	m := s.mails()[0]
	if text := m.Text(s); !strings.Contains(text, name) {
		s.Errorf("the plain text does not contain the name unchanged:\n%s", text)
	}
	if html := m.HTML(s); strings.Contains(html, "<img") || strings.Contains(html, "<i>") || !strings.Contains(html, "&lt;img src=x") {
		s.Errorf("the name is markup in the email:\n%s", html)
	}
}
