package threats

import (
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"os"
	"strings"
	"testing"
)

// life is the history of an account: all its secrets, and all pages that visitors saw.
type life struct {
	secrets map[string]string
	shown   strings.Builder
}

func (s *service) live() *life {
	s.Helper()
	s.account(user)
	link := s.ask(user)
	notMe := s.notMeIn(s.mails()[0])
	l := &life{secrets: map[string]string{
		"the link's token": token(link), "not-me's token": token(notMe), "the new password": newPassword, "the old password": oldPassword,
		"a refused password": "hunter2hunter2x", "a wrong password": "guess-the-password", "the key": secretKey,
	}}
	b := s.browser().With("User-Agent", firefox)
	form := b.OpenLink(link)
	for _, p := range []page{
		b.Get(link), form, b.Choose(form, "hunter2hunter2x", "another"), b.Choose(form, newPassword, newPassword), b.Get("/password-reset/complete"), b.Get(link),
		b.Get("/password-reset/confirm"), b.login(user, "guess-the-password"), b.login(user, newPassword), b.Get("/login"), b.Get("/password-change"),
		b.change("guess-the-password", "hunter2hunter2x"), b.Get("/password-reset/confirm/" + token(notMe)), b.Post(link), b.Get("/nowhere/" + token(link) + "?x=" + token(link)),
	} {
		_, _ = l.shown.WriteString(p.Body + p.Header.Get("Location") + "\n")
	}
	l.secrets["the notice's token"] = token(s.notMeIn(s.wantMails(2, user)[1]))
	l.secrets["the session"] = b.Cookie("resetd_session")
	b.Deny("/password-reset/not-me/" + l.secrets["the notice's token"]).Is(http.StatusOK)
	b.Get(notMe).Is(http.StatusOK)
	s.mails()
	return l
}

func TestSecretsDoNotLeak(t *testing.T) {
	each(t, vars{"METRICS_ADDR": ""}, func(s *service) {
		l := s.live()
		places := map[string]string{"the pages": l.shown.String(), "the log": s.program.Log(), "a dump of the database": s.dump()}
		for _, format := range []string{"table", "csv", "json"} {
			_, places["the history as "+format], _ = s.command("history", "--format", format)
		}
		_, places["the list of users"], _ = s.command("users", "list")
		for place, text := range places {
			for what, secret := range l.secrets {
				for _, form := range forms(secret) {
					if len(secret) < 8 || strings.Contains(text, form) {
						s.Errorf("%s (%d bytes) is in %s", what, len(secret), place)
					}
				}
			}
		}
		if strings.Contains(places["the log"], "@example.org") || strings.Contains(places["the log"], "Firefox") {
			s.Error("an address or an agent is in the log")
		}
		s.browser().Get("/metrics").Is(http.StatusNotFound)
	})
}

// The token must leave the address bar before the page loads anything.
func TestTokenNeverInReferer(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		p := s.browser().Get(link).To("/password-reset/confirm")
		if got := p.Header.Get("Referrer-Policy"); got != "no-referrer" {
			s.Errorf("Referrer-Policy: got %q, want no-referrer", got)
		}
		for _, cookie := range p.Header.Values("Set-Cookie") {
			if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
				s.Errorf("scripts or other sites get the cookie: %s", cookie)
			}
		}
		dead := s.browser().Get(link[:len(link)-1] + other(link[len(link)-1])).Is(http.StatusNotFound)
		if got := dead.Header.Get("Referrer-Policy"); got != "no-referrer" {
			s.Errorf("a dead link's Referrer-Policy: got %q, want no-referrer", got)
		}
		dead.Has(`[src^="http"], [href^="http"], [src^="//"], [href^="//"]`, 0)
	})
}

// forms returns the encodings in which a secret could be written.
func forms(secret string) []string {
	all := []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))}
	if raw, err := base64.RawURLEncoding.DecodeString(secret); err == nil && len(raw) == 48 { // a token; its id is not secret
		all = append(all, hex.EncodeToString(raw[16:]), base64.RawURLEncoding.EncodeToString(raw[16:]), base64.StdEncoding.EncodeToString(raw[16:]), string(raw[16:]))
	}
	return all
}

// dump returns the whole content of the database.
func (s *service) dump() string {
	s.Helper()
	if s.db.Name == "sqlite" {
		var all strings.Builder
		for _, file := range []string{"", "-wal"} {
			text, err := os.ReadFile(strings.TrimPrefix(s.db.URL, "sqlite:") + file)
			s.must(err)
			_, _ = all.Write(text)
		}
		return all.String()
	}
	conn, err := sql.Open("postgres", s.db.URL)
	s.must(err)
	defer func() { _ = conn.Close() }()
	var all string
	s.must(conn.QueryRowContext(s.Context(), `SELECT database_to_xml(true, false, '')`).Scan(&all))
	return all
}

func TestNothingIsCached(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "0"}, func(s *service) {
		s.account(user)
		link := s.ask(user)
		notMe := s.notMeIn(s.mails()[0])
		b := s.browser()
		for what, p := range map[string]page{
			"the link": b.Get(link), "its form": b.Get("/password-reset/confirm"), "the form again": b.Post("/password-reset/confirm", "reset", "x"),
			"the link with a slash": s.browser().Get(link + "/"), "a forged link": s.browser().Get(link + "A"), "not me": b.Get(notMe), "asking": b.Get("/password-reset"),
			"asked": b.Request(user), "asked in vain": b.Request("nonsense"), "done": b.Get("/password-reset/done"), "complete": b.Get("/password-reset/complete"),
			"login": b.Get("/login"), "a wrong login": b.login(user, "wrong"), "signed in": b.login(user, oldPassword), "the change": b.Get("/password-change"),
			"changed": b.Get("/password-change/done"), "signed out": b.Post("/logout"), "no page": b.Get("/nowhere"), "home": b.Get("/"),
			"from elsewhere": s.browser().With("Sec-Fetch-Site", "cross-site").Request(user), "no such method": b.Do(http.MethodPut, "/login", ""),
			"well known": b.Get("/.well-known/change-password"), "alive": b.Get("/healthz"),
		} {
			if got := p.Header.Get("Cache-Control"); got != "no-store" {
				s.Errorf("%s (%d): Cache-Control is %q, want no-store", what, p.Status, got)
			}
		}
	})
}
