package main

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"resetd/internal/config"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

const stolenPassword = "a heron on the harbour wall"

// rangeService speaks the protocol of a range service that knows stolenPassword. While
// it is broken, it answers 500.
type rangeService struct {
	*httptest.Server
	asked  atomic.Int32
	broken atomic.Bool
}

func startRange(t *testing.T) *rangeService {
	t.Helper()
	s := &rangeService{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if s.broken.Load() || r.Header.Get("Add-Padding") != "true" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprintf(w, "%035d:0\r\n", 7)
		for _, known := range []string{stolenPassword, "password"} {
			if prefix := sha1Hex(known)[:5]; r.URL.Path == "/range/"+prefix {
				_, _ = fmt.Fprintf(w, "%s:42\r\n", sha1Hex(known)[5:])
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// eachRangeSite runs a test on both databases, with a range service for each.
func eachRangeSite(t *testing.T, fail string, test func(s *site, service *rangeService)) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		service := startRange(t)
		test(newSite(t, db, func(v *config.Settings, _ *config.Secrets) {
			v.PasswordBreached, v.PasswordBreachedFail, v.Signup = service.URL+"/range", fail, "on"
		}).work(), service)
	})
}

func sha1Hex(plain string) string {
	return fmt.Sprintf("%X", sha1.Sum([]byte(plain)))
}

const breachedText = "this one was stolen from another site and published"

func TestBreachedPasswordsAreRefusedOnEveryPage(t *testing.T) {
	eachRangeSite(t, "open", func(s *site, _ *rangeService) {
		s.user("user@example.org")
		link := s.ask("user@example.org")

		b := s.browser()
		b.Choose(b.OpenLink(link), stolenPassword, stolenPassword).Is(http.StatusUnprocessableEntity).Says(breachedText)
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")

		b.login("user@example.org", newPassword).Is(http.StatusSeeOther)
		change := func(plain string) page {
			return b.Post("/password-change", "old_password", newPassword, "new_password", plain, "confirm_password", plain)
		}
		change(stolenPassword).Is(http.StatusUnprocessableEntity).Says(breachedText)
		change(oldPassword).Is(http.StatusSeeOther)

		s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		link = s.signUpLinkIn(s.mailTo("new@example.org"))
		s.browser().finish(link, stolenPassword).Is(http.StatusUnprocessableEntity).Says(breachedText)
		s.browser().finish(link, newPassword).Is(http.StatusSeeOther)
		s.wantNoTrace()
	})
}

// mailTo returns the only mail to an address.
func (s *site) mailTo(address string) smtpsink.Message {
	s.Helper()
	for _, m := range s.mails() {
		if m.To[0] == address {
			return m
		}
	}
	s.Fatalf("no email to %s", address)
	return smtpsink.Message{}
}

// wantNoTrace checks that no password and no part of its hash is in the log or in the
// record.
func (s *site) wantNoTrace() {
	s.Helper()
	all := s.log.String() + s.db.Text(s.T, `SELECT coalesce(min(detail), '') || coalesce(max(detail), '') FROM reset_events`)
	for _, plain := range []string{stolenPassword, newPassword, oldPassword} {
		for _, secret := range []string{plain, sha1Hex(plain)[:5], sha1Hex(plain)[5:]} {
			if strings.Contains(strings.ToUpper(all), strings.ToUpper(secret)) {
				s.Errorf("the log or the record contains %q", secret)
			}
		}
	}
}

// The cheaper rules come first, so a form full of mistakes asks nobody.
func TestOnlyAcceptablePasswordsAreLookedUp(t *testing.T) {
	eachRangeSite(t, "open", func(s *site, service *rangeService) {
		b, form := s.opened("user@example.org")
		for _, c := range [][2]string{{"short", "short"}, {stolenPassword, "another"}, {"Password2026!", "Password2026!"}, {"", ""}} {
			b.Choose(form, c[0], c[1]).Is(http.StatusUnprocessableEntity)
		}
		if n := service.asked.Load(); n != 0 {
			s.Errorf("%d passwords were looked up, want none", n)
		}
	})
}

func TestFailClosedKeepsTheLink(t *testing.T) {
	eachRangeSite(t, "closed", func(s *site, service *rangeService) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		form := b.OpenLink(link)
		service.broken.Store(true)
		const text = "Your password was not changed, and a link from an email works until it expires"
		p := b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable).Says(text)
		if p.Header.Get("Retry-After") == "" {
			s.Error("no Retry-After")
		}
		s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		s.browser().finish(s.signUpLinkIn(s.mailTo("new@example.org")), newPassword).Is(http.StatusServiceUnavailable).Says(text)
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).
			Is(http.StatusServiceUnavailable).Says(text)
		s.accepts("user@example.org", oldPassword, true)
		s.wantNoTrace()
		service.broken.Store(false)
		b = s.browser()
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
	})
}

func TestFailOpenAcceptsAndLogs(t *testing.T) {
	eachRangeSite(t, "open", func(s *site, service *rangeService) {
		service.broken.Store(true)
		s.user("user@example.org")
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		if n := strings.Count(s.log.String(), "breached passwords can't be looked up"); n != 1 {
			s.Errorf("%d warnings, want 1", n)
		}
		s.wantNoTrace()
	})
}

func TestBreachedPasswordsAreRefusedOnTheCommandLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "breached.txt")
	if err := os.WriteFile(file, []byte(sha1Hex(stolenPassword)+":42\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		command := func(plain string, args ...string) (int, string) {
			vars := map[string]string{"RESETD_DATABASE_URL": db.URL, "RESETD_SECRET_KEY": staffKey, "RESETD_PASSWORD_BREACHED": file}
			var out, errs bytes.Buffer
			status := run(t.Context(), args, func(name string) string { return vars[name] }, strings.NewReader(plain+"\n"), &out, &errs)
			return status, errs.String()
		}
		for _, args := range [][]string{
			{"users", "add", "user@example.org"},
			{"users", "set-password", "user@example.org"},
			{"staff", "add", "agent", "--role", "agent", "--no-totp"},
			{"staff", "set-password", "agent"},
		} {
			if status, errs := command(stolenPassword, args...); status != 1 || !strings.Contains(errs, breachedText) {
				t.Errorf("%q: status %d, %s", args, status, errs)
			}
			if status, errs := command(newPassword, args...); status != 0 {
				t.Errorf("%q: status %d, %s", args, status, errs)
			}
		}
	})
}

func TestCheckTriesTheSourceOfBreachedPasswords(t *testing.T) {
	dir := t.TempDir()
	env := func(more ...string) []string {
		return append([]string{"RESETD_DATABASE_URL", "sqlite:" + dir + "/resetd.db", "RESETD_MAIL_URL", "file:" + dir + "/mail"}, more...)
	}
	checked(t, env()...).line("note", "breaches", "RESETD_PASSWORD_BREACHED")

	service := startRange(t)
	on := env("RESETD_PASSWORD_BREACHED", service.URL+"/range/", "RESETD_PASSWORD_BREACHED_FAIL", "closed")
	checked(t, on...).line("ok", "breaches", service.URL, "nobody can set a password")
	service.broken.Store(true)
	r := checked(t, on...)
	r.wrong("breaches")
	r.line("WRONG", "breaches", "status 500", "nobody can set a password")

	file := filepath.Join(dir, "breached.txt")
	for text, want := range map[string][]string{
		sha1Hex("password") + ":9\n":     {"ok", "sorted"},
		sha1Hex(stolenPassword) + ":9\n": {"note", "not complete"},
		"":                               {"WRONG", "empty"},
		"F" + fmt.Sprintf("%039d:1\n%040d:1\n", 1, 1): {"WRONG", "not sorted"},
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		checked(t, env("RESETD_PASSWORD_BREACHED", file)...).line(want[0], "breaches", want[1])
	}
	r = checked(t, env("RESETD_PASSWORD_BREACHED", "http://range.example.org/", "RESETD_PASSWORD_BREACHED_FAIL", "maybe")...)
	r.wrong("settings")
	r.line("WRONG", "settings", "RESETD_PASSWORD_BREACHED: ", "https://")
	r.line("WRONG", "settings", "RESETD_PASSWORD_BREACHED_FAIL: ", "neither open nor closed")
	r.line("skip", "breaches")
}
