package main

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/oidc"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/testkit/idp"
)

// eachProvided runs a test with a provider of OpenID Connect, on both databases.
func eachProvided(t *testing.T, test func(s *site, p *idp.Provider)) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		p := idp.Start(t, testkit.NewClock().Now)
		s := newSite(t, db, func(v *config.Settings, secrets *config.Secrets) {
			v.OIDCIssuer, v.OIDCClientID, secrets.OIDCClientSecret = p.URL, idp.ClientID, idp.ClientSecret
		}).work()
		p.Change(func(p *idp.Provider) { p.Redirect, p.Now = s.app.cfg.BaseURL.String()+oidc.CallbackPath, s.clock.Now })
		test(s, p)
	})
}

// is makes the person at the provider somebody else.
func is(p *idp.Provider, subject, name string, roles ...string) {
	p.Change(func(p *idp.Provider) {
		p.Claims = map[string]any{"sub": subject, "preferred_username": name, "roles": roles}
	})
}

// toProvider goes to the provider and returns the path that it leads back to.
func (b *browser) toProvider(path string) string {
	b.Helper()
	to := b.Get(path).Is(http.StatusSeeOther).Header.Get("Location")
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, to, nil)
	b.must(err)
	res, err := http.DefaultTransport.RoundTrip(req)
	b.must(err)
	b.must(res.Body.Close())
	back, err := res.Location()
	b.must(err)
	return back.RequestURI()
}

func TestStaffSignInAtTheProvider(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		is(p, "1", "ada@example.org", "viewer")
		b := s.browser()
		login := b.Get("/support/login?next=%2Fsupport%2Foverview").Is(http.StatusOK)
		start := login.Find("main a.button").AttrOr("href", "")
		b.Get(b.toProvider(start)).Is(http.StatusSeeOther).To("/support/overview")
		b.Get("/support/overview").Is(http.StatusOK).Shows("header", "ada (viewer)")
		b.Get("/support/audit").Is(http.StatusForbidden)
		b.Get("/support/me").Is(http.StatusOK).Shows("main", "The provider decides").Has(`a[href="/support/me/password"]`, 0)
		// The role is that of the newest sign-in.
		is(p, "1", "ada@example.org", "admin")
		b.Get(b.toProvider("/support/oidc")).To("/support")
		b.Get("/support/audit?what=members").Is(http.StatusOK).Shows(".rows", "added a memberada as viewer", "changed a member's roleada to admin")
		b.Get("/support/members/ada").Is(http.StatusOK).Has(`button[value="staff_link"]`, 0).Has(`button[value="staff_role"]`, 0).Has(`button[value="staff_disable"]`, 1)
		b.Post("/support/members/ada", "action", "staff_link", "reason", "x").Is(http.StatusUnprocessableEntity).Shows("#reason-problem", "The provider of this member decides")
	})
}

// A reason that was typed before the session ended is there again.
func TestReasonSurvivesTheSignInAtTheProvider(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		a := s.user("user@example.org")
		is(p, "1", "arno", "agent")
		b := s.browser()
		b.Get(b.toProvider("/support/oidc")).To("/support")
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		b.act(a.ID, "users_disable", "she called").Is(http.StatusSeeOther).To("/support/login")
		start := b.Get("/support/login").Is(http.StatusOK).Find("main a.button").AttrOr("href", "")
		b.Get(b.toProvider(start)).Is(http.StatusSeeOther).To("/support/accounts/" + a.ID)
		if got := b.Get("/support/accounts/"+a.ID).Shows(".done", "Your reason is still here").Find("#reason").Text(); got != "she called" {
			s.Errorf("the reason is %q", got)
		}
		b.Get("/support/login").Has(`input[name="reason"]`, 0)
	})
}

func TestProviderWithoutARoleIsRefused(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		is(p, "1", "nobody", "staff")
		b := s.browser()
		b.Get(b.toProvider("/support/oidc")).Is(http.StatusForbidden).Shows(`[role="alert"]`, "gives you no role here").Has(`form[action="/support/login"]`, 1)
		b.Get("/support").To("/support/login")
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'sign_in' AND refused = 'no role at the provider'`, "1")
		is(p, "1", "vera", "viewer")
		b.Get(b.toProvider("/support/oidc")).To("/support")
		ada := s.member("ada", staff.Admin)
		ada.Post("/support/members/vera", "action", "staff_disable", "reason", "left").Is(http.StatusSeeOther)
		b.Get("/support").To("/support/login")
		b.Get(b.toProvider("/support/oidc")).Is(http.StatusForbidden).Shows(`[role="alert"]`, "you are disabled here")
		ada.Get("/support/audit?what=refused").Shows(".rows", "disabled", "the provider gives no role")
	})
}

// Each tab signs in on its own, also if it began before another one.
func TestTabsSignInAtTheProviderAtOnce(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		is(p, "1", "vera", "viewer")
		b := s.browser()
		first, second := b.toProvider("/support/oidc?next=%2Fsupport%2Foverview"), b.toProvider("/support/oidc")
		b.Get(first).Is(http.StatusSeeOther).To("/support/overview")
		b.Get(second).Is(http.StatusSeeOther).To("/support")
		// The browser keeps the newest four.
		b = s.browser()
		oldest, kept := b.toProvider("/support/oidc"), b.toProvider("/support/oidc")
		for range 3 {
			b.toProvider("/support/oidc?next=%2Fsupport%3Fq%3D" + strings.Repeat("x", 5000))
		}
		begun := 0
		for _, c := range b.Cookies() {
			if strings.Contains(c.Name, "resetd_oidc_") {
				begun += len(c.Value)
			}
		}
		if begun == 0 || begun > 4096 {
			s.Errorf("the cookies have %d bytes", begun)
		}
		b.Get(oldest).Is(http.StatusBadRequest)
		b.Get(kept).Is(http.StatusSeeOther).To("/support")
	})
}

// Whoever loads the answer again stays signed in, and is told of no problem.
func TestAnswerOfTheProviderLoadedAgain(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		is(p, "1", "vera", "viewer")
		b := s.browser()
		answer := b.toProvider("/support/oidc")
		b.Get(answer).To("/support")
		b.Get(answer).Is(http.StatusSeeOther).To("/support")
		b.Get("/support").Is(http.StatusOK).Shows("header", "vera (viewer)")
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'sign_in'`, "1")
		b.Post("/support/logout").To("/support/login")
		b.Get(answer).Is(http.StatusBadRequest).Shows(`[role="alert"]`, "was not completed")
	})
}

// A browser may load the page behind a link before somebody follows it, and again then.
func TestAnswerOfTheProviderLoadedTwiceAtOnce(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		is(p, "1", "vera", "viewer")
		b := s.browser()
		answer := b.toProvider("/support/oidc?next=%2Fsupport%2Foverview")
		cookies := b.Cookies()
		load := func() {
			b := s.browser()
			b.SetCookies(cookies...)
			b.Get(answer).Is(http.StatusSeeOther).To("/support/overview")
		}
		var loads sync.WaitGroup
		for range 4 {
			loads.Go(load)
		}
		loads.Wait()
		load()
		b.Get(answer).Is(http.StatusSeeOther).To("/support/overview")
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'sign_in'`, "1")
	})
}

// Nobody who signs in can repair these.
func TestFaultOfTheProviderIsCalledOneAndLogged(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		for _, c := range []struct {
			change       func(p *idp.Provider)
			status       int
			says, reason string
		}{
			{func(p *idp.Provider) { p.Claims = map[string]any{"aud": "other"} }, http.StatusInternalServerError, "could not be used", "it is for another client"},
			{func(p *idp.Provider) { p.Claims = map[string]any{"nonce": "other"} }, http.StatusInternalServerError, "could not be used", "wrong nonce"},
			{func(p *idp.Provider) { p.Fail, p.Status = "server_error", 500 }, http.StatusServiceUnavailable, "does not answer as it should", "status 500"},
			{func(p *idp.Provider) { p.Fail, p.Status = "invalid_client", 401 }, http.StatusInternalServerError, "could not be used", "invalid_client and status 401"},
			{func(p *idp.Provider) { p.Fail, p.Status = idp.Description, 400 }, http.StatusInternalServerError, "could not be used", "another error and status 400"},
		} {
			p.Change(c.change)
			b := s.browser()
			answer := b.toProvider("/support/oidc")
			b.Get(answer).Is(c.status).Shows(`[role="alert"]`, c.says).Has(`form[action="/support/login"]`, 1)
			line := ""
			for l := range strings.Lines(s.log.String()) {
				if strings.Contains(l, c.reason) {
					line = l
				}
			}
			if !strings.Contains(line, "ERROR") {
				s.Errorf("%s: the log has %q", c.reason, line)
			}
			q, err := url.ParseQuery(answer[strings.Index(answer, "?")+1:])
			s.must(err)
			for _, secret := range []string{q.Get("state"), q.Get("code"), idp.ClientSecret, idp.Description} {
				if strings.Contains(s.log.String(), secret) {
					s.Errorf("the log contains %q", secret)
				}
			}
		}
	})
}

// A visitor causes the errors at level INFO, and an operator repairs those at level ERROR. At
// level WARN are those that either may have caused.
func TestErrorsOfTheProviderHaveTheLevelOfTheirCause(t *testing.T) {
	ofTheToken := func(word string, status int) func(*idp.Provider) {
		return func(p *idp.Provider) { p.Fail, p.Status = word, status }
	}
	denied := func(word string) func(*idp.Provider) { return func(p *idp.Provider) { p.Deny = word } }
	eachProvided(t, func(s *site, p *idp.Provider) {
		for _, c := range []struct {
			change        func(*idp.Provider)
			level, reason string
		}{
			{denied("access_denied"), "INFO", "the error access_denied"},
			{denied(idp.Description), "INFO", "no or another error"},
			{denied("invalid_request"), "WARN", "the error invalid_request"},
			{denied("unauthorized_client"), "WARN", "the error unauthorized_client"},
			{denied("unsupported_response_type"), "WARN", "the error unsupported_response_type"},
			{denied("invalid_scope"), "WARN", "the error invalid_scope"},
			{denied("server_error"), "WARN", "the error server_error"},
			{denied("temporarily_unavailable"), "WARN", "the error temporarily_unavailable"},
			{ofTheToken("invalid_grant", 400), "WARN", "the code was used, is too old or invented, or the provider knows another redirect address or secret"},
			{ofTheToken("invalid_request", 400), "ERROR", "invalid_request and status 400"},
			{ofTheToken("invalid_client", 400), "ERROR", "invalid_client and status 400"},
			{ofTheToken("invalid_client", 401), "ERROR", "invalid_client and status 401"},
			{ofTheToken("unauthorized_client", 401), "ERROR", "unauthorized_client and status 401"},
			{ofTheToken("unsupported_grant_type", 400), "ERROR", "unsupported_grant_type and status 400"},
			{ofTheToken("invalid_scope", 400), "ERROR", "invalid_scope and status 400"},
		} {
			p.Change(func(p *idp.Provider) { p.Deny, p.Fail = "", "" })
			p.Change(c.change)
			b := s.browser()
			b.Get(b.toProvider("/support/oidc")).Has(`[role="alert"]`, 1)
			if lines := strings.Split(strings.TrimSpace(s.log.String()), "\n"); !strings.Contains(lines[len(lines)-1], `"level":"`+c.level+`"`) || !strings.Contains(lines[len(lines)-1], c.reason) {
				s.Errorf("want level %s and %q, got %s", c.level, c.reason, lines[len(lines)-1])
			}
		}
	})
}

// An answer counts only in the browser that asked, once, and if nobody changed it.
func TestForeignAnswersOfTheProviderAreRefused(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		is(p, "1", "vera", "viewer")
		refused := func(what string, page page) {
			s.Helper()
			if page.Status != http.StatusBadRequest || !strings.Contains(page.Find(`[role="alert"]`).Text(), "was not completed") {
				s.Errorf("%s: got %d", what, page.Status)
			}
		}
		b, other := s.browser(), s.browser()
		answer := b.toProvider("/support/oidc")
		refused("another browser", other.Get(answer))
		other.toProvider("/support/oidc")
		refused("another browser that began too", other.Get(answer))
		b.Get(answer).To("/support")
		b.Post("/support/logout").To("/support/login")
		refused("a second time", b.Get(answer))
		changed, err := url.Parse(b.toProvider("/support/oidc"))
		s.must(err)
		q := changed.Query()
		q.Set("code", "x")
		refused("another code", b.Get(changed.Path+"?"+q.Encode()))
		refused("nothing", b.Get("/support/oidc/callback"))
		p.Change(func(p *idp.Provider) { p.Deny = "access_denied" })
		refused("a denied sign-in", b.Get(b.toProvider("/support/oidc")))
		for _, secret := range []string{q.Get("state"), idp.ClientSecret} {
			if strings.Contains(s.log.String(), secret) {
				s.Errorf("the log contains %q", secret)
			}
		}
	})
}

// While the provider is down, a password signs in.
func TestOutageOfTheProviderStopsNoPassword(t *testing.T) {
	eachProvided(t, func(s *site, p *idp.Provider) {
		p.Change(func(p *idp.Provider) { p.Down = true })
		b := s.browser()
		b.Get("/support/oidc").Is(http.StatusServiceUnavailable).Shows(`[role="alert"]`, "The provider does not answer").Has(`form[action="/support/login"]`, 1)
		s.member("ada", staff.Admin).Get("/support").Is(http.StatusOK)
		p.Change(func(p *idp.Provider) { p.Down = false })
		is(p, "1", "vera", "viewer")
		b.Get(b.toProvider("/support/oidc")).To("/support")
	})
}

func TestCheckLooksTheProviderUp(t *testing.T) {
	p := idp.Start(t, time.Now)
	run := func(issuer string) report {
		return checked(t, "RESETD_DATABASE_URL", "sqlite:"+t.TempDir()+"/resetd.db", "RESETD_OIDC_ISSUER", issuer, "RESETD_OIDC_CLIENT_ID", idp.ClientID, "RESETD_OIDC_CLIENT_SECRET", idp.ClientSecret)
	}
	r := run(p.URL)
	r.line("ok", "sign-in of staff", "/support/oidc/callback there for this client")
	for _, issuer := range []string{p.URL + "/other", p.URL + "/"} { // the second differs from the issuer that the provider names
		r := run(issuer)
		r.line("WRONG", "sign-in of staff", "RESETD_OIDC_ISSUER: the provider")
	}
}

// Without a provider there is neither a button nor a route.
func TestNoProvider(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.browser()
		b.Get("/support/login").Is(http.StatusOK).Has("main a.button", 0)
		b.Get("/support/oidc").Is(http.StatusNotFound)
		b.Get("/support/oidc/callback").Is(http.StatusNotFound)
	})
}
