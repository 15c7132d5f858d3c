package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"resetd/internal/staff"
)

// slowPost sends the headers of a form without its body. finish sends the body and
// returns the answer.
func (b *browser) slowPost(path string, form url.Values) (started <-chan struct{}, finish func() string) {
	b.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", strings.TrimPrefix(b.url, "http://"))
	b.must(err)
	b.Cleanup(func() { _ = conn.Close() })
	body := form.Encode()
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nCookie: resetd_session=%s\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n", path, b.Cookie("resetd_session"), len(body))
	b.must(err)
	answer := bufio.NewReader(conn)
	reading := make(chan struct{})
	go func() { // the server requests the body when a handler reads it
		defer close(reading)
		_, _ = answer.Peek(1)
	}()
	return reading, func() string {
		_, err := io.WriteString(conn, body)
		b.must(err)
		text, err := io.ReadAll(answer)
		b.must(err)
		return string(text)
	}
}

// If a reset ends a session during a request of this session, the request must not
// store the session again.
func TestRunningRequestDoesNotReviveASession(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		stolen := s.browser()
		stolen.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		link := s.ask("user@example.org")
		reading, finish := stolen.slowPost("/password-change", url.Values{
			"old_password": {"wrong"}, "new_password": {"x"}, "confirm_password": {"y"},
		})
		<-reading
		owner := s.browser()
		owner.Choose(owner.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
		finish()
		stolen.Get("/password-change").Is(http.StatusSeeOther).To("/login?next=/password-change")
		s.stored(`SELECT count(*) FROM reset_sessions WHERE user_id IS NOT NULL`, "0")
	})
}

func TestNotMeSignsOutItsOwnBrowser(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		stranger.Deny(s.notMeIn(notice)).Is(http.StatusOK)
		stranger.Get("/login").Is(http.StatusOK).Has(`form[action="/login"]`, 1)
	})
}

// A sign-in that verified the old password during a reset creates a session after the
// reset ended the others. This session must not work.
func TestSessionEndsWithItsPassword(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		b.Get("/password-change").Is(http.StatusOK)
		s.db.SQL(s.T, `UPDATE users SET password_hash = '`+s.hash(newPassword)+`'`)
		b.Get("/password-change").Is(http.StatusSeeOther)
		b.Post("/password-change", "old_password", newPassword, "new_password", "a heron on the roof", "confirm_password", "a heron on the roof").
			Is(http.StatusUnauthorized)
	})
}

func TestPasswordChangeRenewsTheSession(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		before := b.Cookie("resetd_session")
		b.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
		if after := b.Cookie("resetd_session"); after == before || after == "" {
			s.Error("the session has the same token as before")
		}
		b.Get("/password-change").Is(http.StatusOK)
		s.browser().With("Cookie", "resetd_session="+before).Get("/password-change").Is(http.StatusSeeOther)
	})
}

// A session is saved when the answer is written. If that fails, the browser gets the error
// page alone, without the cookies and the redirect of the answer, and the log one line.
func TestSessionThatIsNotSaved(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.member("vera", staff.Viewer)
		for _, table := range []string{"reset_sessions", "reset_staff_sessions"} {
			full := `CREATE TRIGGER full_` + table + ` BEFORE INSERT ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'full'); END`
			if s.db.Name == "postgres" {
				full = `ALTER TABLE ` + table + ` ADD CONSTRAINT full_` + table + ` CHECK (false) NOT VALID`
			}
			s.db.SQL(s.T, full)
		}
		for _, send := range []func() page{
			func() page { return s.browser().login("user@example.org", oldPassword) },
			func() page { return s.browser().staffLogin("vera", oldPassword, "") },
		} {
			before := len(s.log.String())
			p := send().Is(http.StatusInternalServerError).Has("h1", 1).Has("html", 1)
			if p.Header.Get("Location") != "" || len(p.Header.Values("Set-Cookie")) != 0 || p.Header.Get("Cache-Control") == "" {
				s.Errorf("the headers of the error page: %v", p.Header)
			}
			lines := s.log.String()[before:]
			if strings.Count(lines, `"msg":"request"`) != 1 || !strings.Contains(lines, `"status":500`) || !strings.Contains(lines, `"error":"database: `) {
				s.Errorf("want one line with the reason, got:\n%s", lines)
			}
			for _, secret := range []string{"user@example.org", "vera", oldPassword} {
				if strings.Contains(lines, secret) {
					s.Errorf("the log contains %q:\n%s", secret, lines)
				}
			}
		}
	})
}
