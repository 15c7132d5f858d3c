package threats

import (
	"net/http"
	"strings"
	"testing"

	"resetd/internal/users"
)

func TestStolenSession(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		owner := s.browser()
		owner.login(user, oldPassword).to("/login")
		stolen := owner.cookie("resetd_session")
		thief := s.browser().with("Cookie", "resetd_session="+stolen)
		thief.get("/password-change").is(http.StatusOK)
		s.browser().finish(s.ask(user), newPassword)
		for _, plain := range []string{oldPassword, newPassword} {
			thief.change(plain, "a heron on the roof").is(http.StatusUnauthorized)
		}
		thief.get("/password-change").to("/login?next=/password-change")
		owner.get("/password-change").to("/login?next=/password-change")
		s.wantPassword(user, newPassword, oldPassword)
	})
}

// A planted session must be useless after its owner signs in.
func TestPlantedSession(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.account("thief@example.org")
		thief := s.browser()
		thief.login("thief@example.org", oldPassword).to("/login")
		victim := s.browser().with("Cookie", "resetd_session="+thief.cookie("resetd_session"))
		victim.login(user, oldPassword).to("/login")
		if p := thief.get("/login"); strings.Contains(p.body, user) || victim.cookie("resetd_session") == thief.cookie("resetd_session") {
			s.Errorf("the attacker is signed in as the victim:\n%s", p.body)
		}
	})
}

func TestCrossSite(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		notMe := s.notMeIn(s.mails()[0])
		b := s.browser()
		b.login(user, oldPassword).to("/login")
		session := b.cookie("resetd_session")
		opened := b.with("Sec-Fetch-Site", "cross-site").open(link) // like a link in a webmail
		b.header.Del("Sec-Fetch-Site")
		for name, headers := range map[string]map[string]string{
			"another site":             {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
			"a sibling":                {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example.org"},
			"a browser without both":   {"Sec-Fetch-Site": "cross-site"},
			"an older browser":         {"Origin": "https://evil.example"},
			"a frame in a sandbox":     {"Origin": "null"},
			"another port":             {"Origin": "http://127.0.0.1:1"},
			"one that poses by method": {"Origin": "https://evil.example", "X-Http-Method-Override": "GET"},
		} {
			b.header = http.Header{}
			for header, value := range headers {
				b.with(header, value)
			}
			for path, p := range map[string]page{
				"/password-reset/confirm": b.choose(opened, newPassword, newPassword), "/password-reset": b.request(user), notMe: b.deny(notMe),
				"/login": b.login(user, oldPassword), "/password-change": b.change(oldPassword, newPassword), "/logout": b.post("/logout"),
			} {
				if p.status != http.StatusForbidden || b.cookie("resetd_session") != session {
					s.Errorf("%s from %s: got %d, want 403 and the same session", path, name, p.status)
				}
			}
		}
		b.header = http.Header{}
		b.get("/password-change").is(http.StatusOK)
		s.wantMails(1, user)
		s.wantPassword(user, oldPassword, newPassword)
		b.with("Sec-Fetch-Site", "same-origin").with("Origin", s.program.URL).choose(opened, newPassword, newPassword).to("/password-reset/complete")
	})
}

// Anybody in the network can forge the http:// site, which must not be able to post to
// the https:// site.
func TestSameHostWithoutTLS(t *testing.T) {
	each(t, vars{"BASE_URL": "https://accounts.example.org"}, func(s *service) {
		s.account(user)
		b := s.browser().with("Host", "accounts.example.org").with("Origin", "http://accounts.example.org")
		b.request(user).is(http.StatusForbidden)
		b.with("Sec-Fetch-Site", "cross-site").request(user).is(http.StatusForbidden)
		s.wantMails(0)
		b = s.browser().with("Host", "accounts.example.org").with("Origin", "https://accounts.example.org")
		b.request(user).to("/password-reset/done")
	})
}

func TestFramingAndMarkup(t *testing.T) {
	const markup = `<img src=x onerror=alert(1)>"'><i>`
	each(t, nil, func(s *service) {
		s.account(user, func(u *users.User) { u.Name = markup })
		link := s.ask(user)
		b := s.browser()
		typed := s.browser().request(`"><script>alert(1)</script>`).is(http.StatusUnprocessableEntity)
		login := s.browser().login(`"><script>alert(1)</script>`, "x").is(http.StatusUnprocessableEntity)
		next := s.browser().get(`/login?next=/"><script>alert(1)</script>`)
		in := s.browser()
		in.login(user, oldPassword).to("/login")
		for what, p := range map[string]page{
			"the form": b.open(link), "the form again": b.choose(b.get("/password-reset/confirm"), "x", "y"), "signed in": in.get("/login"), "the change": in.get("/password-change"),
			"what was typed": typed, "a login": login, "next": next, "a link": b.get(link), "no page": b.get(`/"><script>alert(1)</script>`), "a redirect": b.get("/"),
		} {
			if p.doc.Find(`img, i, script:not([src])`).Length() > 0 || strings.Contains(p.body, "<script>") {
				s.Errorf("%s: markup has become part of the page:\n%s", what, p.body)
			}
			csp := p.header.Get("Content-Security-Policy")
			if p.header.Get("X-Frame-Options") != "DENY" || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				s.Errorf("%s: can be framed or run scripts: %v", what, p.header)
			}
		}
		if shown := in.get("/login").doc.Find("main").Text(); !strings.Contains(shown, markup) {
			s.Errorf("the name is not shown unchanged: %q", shown)
		}
		s.wantNoMarkup(markup)
	})
}

// wantNoMarkup checks that a name is only text in the mail.
func (s *service) wantNoMarkup(name string) {
	s.Helper()
	m := s.mails()[0]
	if text := s.part(m, 0); !strings.Contains(text, name) {
		s.Errorf("the plain text does not contain the name unchanged:\n%s", text)
	}
	if html := s.part(m, 1); strings.Contains(html, "<img") || strings.Contains(html, "<i>") || !strings.Contains(html, "&lt;img src=x") {
		s.Errorf("the name is markup in the mail:\n%s", html)
	}
}
