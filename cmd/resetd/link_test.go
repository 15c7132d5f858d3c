package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/staff"
)

func TestLinkIsRemovedFromTheAddressBar(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		p := b.Get(link).Is(http.StatusSeeOther).To("/password-reset/confirm")
		if got := p.Header.Get("Referrer-Policy"); got != "no-referrer" {
			s.Errorf("Referrer-Policy: got %q, want no-referrer", got)
		}
		cookie := p.Header.Get("Set-Cookie")
		for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, part) {
				s.Errorf("the cookie lacks %s", part)
			}
		}
		if strings.Contains(cookie, "Max-Age") || strings.Contains(cookie, "Expires") {
			s.Errorf("the cookie outlives the browser: %s", cookie)
		}
		if b.Get("/password-reset/confirm").Is(http.StatusOK).Header.Get("Cache-Control") != "no-store" {
			s.Error("the form can be cached")
		}
		other := s.browser().Get("/password-reset/confirm").Is(http.StatusNotFound).Has(`form[action="/password-reset"]`, 1)
		if !strings.Contains(other.Body, "does not keep cookies") {
			s.Errorf("a browser without the cookie is not told why:\n%s", other.Body)
		}
		if strings.Contains(other.Body, "user@example.org") {
			s.Error("a browser without the cookie sees the account")
		}
	})
}

// Gateways change links to upper case, mail programs add what follows a link in the
// text, and people copy too much.
func TestMangledLinkWorks(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		for _, mangled := range []string{
			link + "/", link + ".", link + ">", link + "%20", strings.ToUpper(link), strings.ToUpper(link) + "/", link + ").",
			link + "]", link + ",", link + "&gt;", link + "%26gt%3B", link + "&gt;/", link + "%3E/", link + "%2F", link + "%20%20", link + "%E2%80%8B", strings.ToUpper(link) + "&GT;/", link + "?a=b", strings.ToUpper(link) + "%22?a=b",
			"/" + link, "//" + link, strings.Replace(link, "/confirm", "//confirm", 1), strings.Replace(link, "confirm/", "confirm//", 1), strings.Replace(link, "/confirm", "/./confirm", 1), "/." + link + "//",
			strings.ToUpper("/" + link), "/" + strings.ReplaceAll(link[1:], "/", "%2F"), "/" + strings.ReplaceAll(link[1:], "/", "%252F"), strings.ToUpper("/"+link) + "?utm_source=mail",
			link + "?utm_source=mail&fbclid=x", link + "&utm_source=mail", link + "&amp;utm_source=mail", link + "%3Futm_source=mail", link + "%23top", link + "=3D", link + "=20", link + "=0D=0A", link + "%3C/a%3E",
		} {
			b := s.browser()
			p := b.Get(mangled).Is(http.StatusSeeOther)
			if p.Header.Get("Cache-Control") != "no-store" || p.Header.Get("Referrer-Policy") != "no-referrer" {
				s.Errorf("%s: headers %v", mangled, p.Header)
			}
			if to := p.Header.Get("Location"); to != "/password-reset/confirm" {
				b.Get(to).Is(http.StatusSeeOther).To("/password-reset/confirm")
			}
			b.Get("/password-reset/confirm").Is(http.StatusOK)
		}
		for _, stuck := range []string{"/", ".", ",", ">", ")", "]", "%20"} {
			s.browser().Get(link + stuck).Is(http.StatusSeeOther).To("/password-reset/confirm")
		}
		for _, mangled := range []string{strings.ToUpper(notMe), "/" + notMe, strings.Replace(notMe, "not-me/", "not-me//", 1) + ".", strings.ToUpper("//" + notMe)} {
			s.browser().Get(mangled).Is(http.StatusSeeOther).To(notMe)
		}
		s.browser().Get(notMe+"&utm_source=mail").Is(http.StatusOK).Has(`form[action="`+notMe+`"]`, 1)
		for _, path := range []string{
			"/password-reset/nothing", "/password-reset/", "/PASSWORD-RESET/", "/password-reset//", "/PASSWORD-RESET", "/password-reset/done/", "/password-reset/confirm/", "/password-reset/not-me/",
			"/password-reset/not-me/short", "/password-reset/not-me", "/password-reset/complete/x/y/z", "/password-reset/%00", "/Password-Reset/CONFIRM/%3Cscript%3E",
			"/PASSWORD-RESET/confirm/short", "/password-reset/confirm/a/b", "//password-reset", "//PASSWORD-RESET//", "/./password-reset/x", "/password-reset%2F", "/password-reset%252Fx", "/password-%20reset/confirm/x",
			"/password-=%0D%0Areset/confirm/x", "/password%C2%AD-reset/x", "/%20" + link, "/%3C" + link, "/pass=3Dword-reset/x", "/password-=0D=0Areset/x", "/password-reset&amp;/x", "/password-", "/password", "/Password-Res", "//password-reset/confirm/%25zz/b", link[:40] + "%20" + link[40:], link[:40], link[:40] + "%0D%0A" + link[40:],
			link + "====", link + "====/", "/" + link + "====", link + "=3D=3D=3D=3D",
		} {
			p := s.browser().Get(path)
			if p.Status == http.StatusSeeOther {
				p = s.browser().Get(p.Header.Get("Location"))
			}
			p.Is(http.StatusNotFound).Has(`form[action="/password-reset"]`, 1)
		}
		for _, mangled := range []string{"/LOGIN", "/login/", "//login", "/login.", "/login%3E", "/Login/%20"} {
			s.browser().Get(mangled).Is(http.StatusSeeOther).To("/login")
		}
		s.browser().Post("/login/").Is(http.StatusNotFound)
		for _, path := range []string{"/nothing", "/login/x", "/pass", "/passwords", "/password-resets"} {
			s.browser().Get(path).Is(http.StatusNotFound).Says("no such page")
		}
	})
}

// Two links of one account in two tabs: the form of the first is still good.
func TestFormOfAnotherLinkOfTheAccountWorks(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("other@example.org")
		first, second, foreign := s.ask("user@example.org"), s.ask("user@example.org"), s.ask("other@example.org")
		b := s.browser()
		form := b.OpenLink(first)
		b.OpenLink(foreign)
		b.Choose(form, newPassword, newPassword).Is(http.StatusConflict)
		if s.signsIn("other@example.org", newPassword) || s.signsIn("user@example.org", newPassword) {
			s.Error("a form changed a password although another account's link was open")
		}
		b.OpenLink(second)
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		s.accepts("user@example.org", newPassword, true)
	})
}

func TestDoubleClickSucceedsTwice(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		form := b.OpenLink(link)
		var clicks sync.WaitGroup
		for range 2 {
			clicks.Go(func() {
				// A browser sends the second form with the cookie of the first.
				tab := s.browser()
				tab.SetCookies(b.Cookies()...)
				tab.Choose(form, newPassword, newPassword).To("/password-reset/complete")
			})
		}
		clicks.Wait()
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		if mails := s.mails(); len(mails) != 2 {
			s.Errorf("%d emails, want the link and one notice", len(mails))
		}
	})
}

func TestHTTPSCookiesAreBoundToTheHost(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		mails := len(s.mails())
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		link := strings.TrimPrefix(s.mails()[mails].Link("/password-reset/confirm/"), "https://accounts.example.org")
		p := s.browser().Get(link).Is(http.StatusSeeOther)
		for _, part := range []string{"__Host-resetd_link=", "Secure"} {
			if !strings.Contains(p.Header.Get("Set-Cookie"), part) {
				s.Errorf("the cookie lacks %s", part)
			}
		}
		if p.Header.Get("Strict-Transport-Security") == "" {
			s.Error("no Strict-Transport-Security")
		}
	}, func(v *config.Settings, _ *config.Secrets) { v.BaseURL = "https://accounts.example.org" })
}

func TestScannerOpensAreMarked(t *testing.T) {
	const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		person := s.browser().With("User-Agent", firefox).With("Accept-Language", "en").With("Sec-Fetch-Mode", "navigate")
		person.Get(link).Is(http.StatusSeeOther) // less than a second after the email
		s.clock.Add(time.Minute)
		person.Head(link).Is(http.StatusSeeOther)
		s.browser().With("User-Agent", "Example Mail Scanner/1.0").Get(link).Is(http.StatusSeeOther)
		s.browser().With("User-Agent", firefox).Get(link).Is(http.StatusSeeOther)
		person.Get(link).Is(http.StatusSeeOther)
		for i, want := range []string{"scanner sooner than anybody reads", "scanner head request", "scanner agent of a program", "scanner headers of no browser", "user "} {
			got := s.db.Text(s.T, fmt.Sprintf(`SELECT actor || ' ' || detail FROM reset_events WHERE kind = 'opened' ORDER BY id LIMIT 1 OFFSET %d`, i))
			if got != want {
				s.Errorf("open %d: got %q, want %q", i+1, got, want)
			}
		}
	})
}

// A gateway opens a link many times at once. Staff must still see and end the link.
func TestStaffSeeALinkThatWasOpenedManyTimesAtOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		for range 8 {
			s.browser().With("Accept-Language", "en").With("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0").Get(link).Is(http.StatusSeeOther)
		}
		s.newestPage(s.member("vera", staff.Viewer)).Is(http.StatusOK).Says("opened at least 8 times by what looks like a mail scanner", "A person may be among them")
	})
}

func TestLinkLoadedWithoutAClickIsMarked(t *testing.T) {
	for name, value := range map[string]string{
		"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Purpose": "preview", "X-Moz": "prefetch", "Sec-Fetch-Dest": "iframe",
	} {
		eachSite(t, func(s *site) {
			s.user("user@example.org")
			link := s.ask("user@example.org")
			s.clock.Add(time.Minute)
			b := s.browser().With("Accept-Language", "en").With("Sec-Fetch-Mode", "navigate").With("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
			b.With(name, value).Get(link).Is(http.StatusSeeOther)
			b.With(name, "document").Get(link).Is(http.StatusSeeOther)
			s.stored(`SELECT count(*) FROM reset_events WHERE kind = 'opened' AND detail = 'loaded without a click'`, "1")
		})
	}
}

func TestForgedTokenCausesNoQuery(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.must(s.app.store.Close()) // makes every query fail
		quiet := s.log.String()
		for name, path := range map[string]string{
			"tampered":   link[:len(link)-2] + flip(link[len(link)-2]) + link[len(link)-1:],
			"truncated":  link[:len(link)-1],
			"lengthened": link + "a",
			"foreign":    "/password-reset/confirm/" + strings.Repeat("a", 52),
			"JSON":       "/password-reset/confirm/%7B%22a%22:1%7D",
			"a number":   "/password-reset/confirm/1",
			"long":       "/password-reset/confirm/" + strings.Repeat("A", 8000),
		} {
			p := s.browser().Get(path)
			if p.Status != http.StatusNotFound || p.Find(`form[action="/password-reset"]`).Length() != 1 {
				s.Errorf("%s: got %d, want the invalid page with 404", name, p.Status)
			}
		}
		for line := range strings.Lines(strings.TrimPrefix(s.log.String(), quiet)) { // the worker and the probe of /readyz do fail
			if strings.Contains(line, `"msg":"request"`) && strings.Contains(line, `"ERROR"`) {
				s.Errorf("an error is in the log:\n%s", line)
			}
		}
	})
}

func flip(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}

func TestDeadLinkPageHasTheReasonAndTheForm(t *testing.T) {
	use := func(s *site, link string) {
		b := s.browser()
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
	}
	for name, c := range map[string]struct {
		kill  func(s *site, link string)
		words string
	}{
		"used":    {use, "used"},
		"expired": {func(s *site, _ string) { s.clock.Add(time.Hour) }, "expired"},
		"another link was used": {func(s *site, _ string) {
			s.clock.Add(time.Second)
			use(s, s.ask("user@example.org"))
		}, "another link"},
		"revoked": {func(s *site, _ string) { s.db.SQL(s.T, `UPDATE users SET email = 'moved@example.org'`) }, "no longer"},
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				s.user("user@example.org")
				link := s.ask("user@example.org")
				opened := s.browser()
				form := opened.OpenLink(link)
				c.kill(s, link)
				mails := len(s.mails())
				for what, p := range map[string]page{
					"the link":        s.browser().Get(link),
					"the opened form": opened.Choose(form, "a heron on the roof", "a heron on the roof"),
				} {
					p.Is(http.StatusGone).Has(`form[action="/password-reset"] input[name="email"]`, 1)
					if !strings.Contains(p.Body, c.words) {
						s.Errorf("%s: the page does not contain %q:\n%s", what, c.words, p.Body)
					}
					if strings.Contains(p.Body, "user@example.org") || strings.Contains(p.Body, "Example User") {
						s.Errorf("%s: the page names the account", what)
					}
				}
				s.sent(mails)
			})
		})
	}
}

func TestLinkWorksUntilItsExpiry(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.clock.Add(time.Hour - time.Second)
		b := s.browser()
		form := b.OpenLink(link)
		s.clock.Add(time.Second)
		for range 2 { // a page that was left open stays an expired link
			b.Choose(form, newPassword, newPassword).Is(http.StatusGone)
		}
		s.browser().Get(link).Is(http.StatusGone)
		s.clock.Add(-time.Second)
		b.Get(link)
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
	})
}

func TestConfirmFormNamesTheAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		_, form := s.opened("user@example.org")
		if !strings.Contains(form.Find("main").Text(), "Example User") {
			s.Error("the page does not name the account")
		}
	})
}

func TestAccountChangeRevokesTheLink(t *testing.T) {
	for name, change := range map[string]string{
		"deleted":     `DELETE FROM users`,
		"deactivated": `UPDATE users SET active = false`,
		"address":     `UPDATE users SET email = 'moved@example.org'`,
		"password":    `UPDATE users SET password_hash = ''`,
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				s.user("user@example.org")
				link := s.ask("user@example.org")
				s.db.SQL(s.T, change)
				s.browser().Get(link).Is(http.StatusGone)
				if r := s.resets()[0]; r.RevokedBy != "account_changed" {
					s.Errorf("revoked by %q, want account_changed", r.RevokedBy)
				}
			})
		})
	}
}
