package main

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

func signUpOn(v *config.Settings, _ *config.Secrets) { v.Signup = "on" }

var signUpLink = regexp.MustCompile(`https?://\S+/signup/confirm/\S+`)

func (b *browser) signUp(email, plain string) page {
	b.Helper()
	return b.post("/signup", "email", email, "name", "Example User", "password", plain, "confirm_password", plain)
}

// signUpLinkIn returns the link of a mail as a path.
func (s *site) signUpLinkIn(m smtpsink.Message) string {
	s.Helper()
	link := signUpLink.FindString(textOf(s.T, m))
	if link == "" {
		s.Fatalf("no link in the mail:\n%s", textOf(s.T, m))
	}
	return strings.TrimPrefix(link, s.url)
}

func TestSignUpAnswersDoNotRevealAccounts(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		s.browser().get("/login").has(`a[href="/signup"]`, 1)
		var first page
		for _, email := range []string{"new@example.org", "user@example.org", " USER@Example.org ", "inactive@example.org"} {
			p := s.browser().signUp(email, newPassword).is(http.StatusSeeOther).to("/signup/done")
			p.header.Del("Date")
			p.header.Del("X-Request-Id")
			if first.header == nil {
				first = p
			}
			if diff := cmp.Diff([]any{first.header, first.body}, []any{p.header, p.body}); diff != "" {
				s.Errorf("%s: the answer differs:\n%s", email, diff)
			}
		}
		s.browser().get("/signup/done").is(http.StatusOK).has("h1", 1)
		for _, m := range s.mails() {
			text, exists := textOf(s.T, m), m.To[0] != "new@example.org"
			if exists == signUpLink.MatchString(text) || exists != strings.Contains(text, "/password-reset") {
				s.Errorf("the mail to %s:\n%s", m.To[0], text)
			}
			if !exists && strings.Contains(text, "Example User") {
				s.Errorf("text of a stranger is in the mail:\n%s", text)
			}
		}
		if got := len(s.mails()); got != 4 {
			s.Errorf("%d mails, want one for each", got)
		}
		if s.signsIn("new@example.org", newPassword) || s.signsIn("user@example.org", newPassword) || !s.signsIn("user@example.org", oldPassword) {
			s.Error("the sign-up form changed an account")
		}
	}, signUpOn)
}

func TestSignUpRequiresTheLinksButton(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().signUp("new@Example.org", newPassword)
		link := s.signUpLinkIn(s.mails()[0])
		for range 3 { // a scanner
			s.browser().get(link).is(http.StatusOK).has(`form[method="post"] button`, 1)
			s.browser().head(link).is(http.StatusOK)
		}
		if s.signsIn("new@example.org", newPassword) {
			s.Fatal("opening the link created an account")
		}
		b := s.browser()
		b.post(link).is(http.StatusSeeOther).to("/signup/complete")
		b.get("/signup/complete").is(http.StatusOK).has(`a[href="/login"]`, 1)
		if !s.signsIn("New@example.org", newPassword) || s.signsIn("new@example.org", oldPassword) {
			s.Error("the chosen password does not sign in")
		}
		s.browser().get(link).is(http.StatusGone).has(`a[href="/login"]`, 1)
		s.browser().post(link).is(http.StatusGone)
		if left := s.db.Text(s.T, `SELECT count(*) FROM reset_signups WHERE password_hash IS NOT NULL`); left != "0" {
			s.Error("the hash of a confirmed sign-up was not removed")
		}
		s.browser().choose(s.browser().open(s.ask("new@example.org")), newPassword, newPassword)
	}, signUpOn)
}

func TestSignUpIsConfirmedOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		for range 2 {
			s.browser().signUp("new@example.org", newPassword)
		}
		mails := s.mails()
		first, second := s.signUpLinkIn(mails[0]), s.signUpLinkIn(mails[1])
		var won atomic.Int64
		var clicks sync.WaitGroup
		for range 10 {
			clicks.Go(func() {
				if s.browser().post(first).status == http.StatusSeeOther {
					won.Add(1)
				}
			})
		}
		clicks.Wait()
		if won.Load() != 1 {
			s.Errorf("%d clicks created the account, want 1", won.Load())
		}
		s.browser().post(second).is(http.StatusConflict).has(`a[href="/password-reset"]`, 1)
		if n := s.db.Text(s.T, `SELECT count(*) FROM users`); n != "1" {
			s.Errorf("%s accounts, want 1", n)
		}
	}, signUpOn)
}

func TestSignUpShowsAllProblems(t *testing.T) {
	eachSite(t, func(s *site) {
		p := s.browser().post("/signup", "email", "nonsense", "name", "two\nlines", "password", "otter", "confirm_password", "x").
			is(http.StatusUnprocessableEntity).has(`[role="alert"] a[href="#email"]`, 1).has(`[role="alert"] a[href="#name"]`, 1).
			has(`[role="alert"] a[href="#password"]`, 2).has(`[role="alert"] a[href="#confirm_password"]`, 1)
		if p.value("email") != "nonsense" || p.value("password") != "" || !strings.HasPrefix(p.doc.Find("title").Text(), "Error:") {
			s.Errorf("got the form:\n%s", p.body)
		}
		s.browser().signUp("otter.fan@example.org", "otter.fan@example.org").is(http.StatusUnprocessableEntity)
		s.browser().post("/signup", "email", "a@example.org").is(http.StatusBadRequest)
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_signups`); n != "0" || len(s.mails()) != 0 {
			s.Errorf("%s rows and %d mails of refused sign-ups, want none", n, len(s.mails()))
		}
	}, signUpOn)
}

func TestSignUpLinksExpireAndHaveOnePurpose(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		resetLink := s.ask("user@example.org")
		s.browser().signUp("new@example.org", newPassword)
		link := s.signUpLinkIn(s.mails()[1])
		token := link[strings.LastIndexByte(link, '/')+1:]
		s.browser().get("/password-reset/confirm/" + token).is(http.StatusNotFound)
		s.browser().post("/password-reset/not-me/" + token).is(http.StatusNotFound)
		s.browser().post("/signup/confirm/" + resetLink[strings.LastIndexByte(resetLink, '/')+1:]).is(http.StatusNotFound)
		s.browser().post(link+"x").is(http.StatusNotFound).has(`a[href="/signup"]`, 1)
		s.browser().with("Sec-Fetch-Site", "cross-site").post(link).is(http.StatusForbidden)
		s.clock.Add(reset.SignUpLifetime - time.Second)
		s.browser().get(link).is(http.StatusOK)
		s.clock.Add(time.Second)
		s.browser().get(link).is(http.StatusGone)
		s.browser().post(link).is(http.StatusGone)
		var never time.Time
		s.app.sweepOnce(s.Context(), &never)
		s.browser().post(link).is(http.StatusGone)
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_signups`); n != "0" {
			s.Errorf("%s expired sign-ups are left, want none", n)
		}
	}, signUpOn)
}

func TestSignUpIsLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for _, email := range []string{"new@example.org", "user@example.org"} {
			for range 3 {
				s.from("203.0.113.5").signUp(email, newPassword).is(http.StatusSeeOther).to("/signup/done")
			}
		}
		if got := len(s.mails()); got != 4 {
			s.Errorf("%d mails, want two for each address", got)
		}
		for range 2 {
			s.from("203.0.113.6").signUp("a@example.org", "x").is(http.StatusUnprocessableEntity)
		}
		for range 6 {
			s.from("203.0.113.6").signUp("b@example.org", newPassword)
		}
		s.from("203.0.113.6").signUp("c@example.org", newPassword).is(http.StatusTooManyRequests)
		link := s.signUpLinkIn(s.mails()[0])
		s.browser().post(link).is(http.StatusSeeOther)
		s.browser().post(link).is(http.StatusGone)
		s.browser().post(link).is(http.StatusTooManyRequests)
	}, signUpOn, limits("2/1h", "8/1h", "2/1h", "0"))
}

func TestSignUpCanBeTurnedOff(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().get("/signup").is(http.StatusNotFound)
		s.browser().signUp("new@example.org", newPassword).is(http.StatusNotFound)
		s.browser().get("/login").has(`a[href="/signup"]`, 0)
	})
}

func TestSignUpInABrowser(t *testing.T) {
	eachBrowser(t, func(w walker) {
		w.visit("/login")
		w.click(`a[href="/signup"]`)
		w.fill("email", "new@example.org", "name", "Example User", "password", "otter", "confirm_password", "otter")
		w.see(`[role="alert"]`)
		w.fill("password", newPassword, "confirm_password", newPassword)
		w.at("/signup/done", "Check your inbox")
		link := w.signUpLinkIn(w.mails()[0])
		w.visit(link)
		w.click(`main form button`)
		w.at("/signup/complete", "ready")
		w.click(`a[href="/login"]`)
		w.fill("email", "new@example.org", "password", newPassword)
		w.at("/login", "signed in")
	}, signUpOn)
}
