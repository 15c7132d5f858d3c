package main

import (
	"net/http"
	"strconv"
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

func (b *browser) signUp(email string) page {
	b.Helper()
	return b.Post("/signup", "email", email)
}

// finish chooses a name and a password behind a link to sign up.
func (b *browser) finish(link, plain string) page {
	b.Helper()
	return b.Post(link, "name", "Example User", "new_password", plain, "confirm_password", plain)
}

func (s *site) signUpLinkIn(m smtpsink.Message) string {
	s.Helper()
	return s.find("/signup/confirm/", m)
}

// signUpAsked signs up with an address and returns the link of the mail.
func (s *site) signUpAsked(email string) string {
	s.Helper()
	s.browser().signUp(email).Is(http.StatusSeeOther).To("/signup/done")
	return s.signUpLinkIn(s.last())
}

func TestSignUpAnswersDoNotRevealAccounts(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		s.browser().Get("/login").Has(`a[href="/signup"]`, 1)
		s.browser().Get("/signup").Is(http.StatusOK).Has(`main form input`, 1).Has(`input[name="email"]`, 1)
		var first page
		for _, email := range []string{"new@example.org", "user@example.org", " USER@Example.org ", "inactive@example.org"} {
			p := s.browser().signUp(email).Is(http.StatusSeeOther).To("/signup/done")
			p.Header.Del("Date")
			p.Header.Del("X-Request-Id")
			if first.Header == nil {
				first = p
			}
			if diff := cmp.Diff([]any{first.Header, first.Body}, []any{p.Header, p.Body}); diff != "" {
				s.Errorf("%s: the answer differs:\n%s", email, diff)
			}
		}
		s.browser().Get("/signup/done").Is(http.StatusOK).Has("h1", 1).Says("has an account already, the email says so", "use the newest")
		for _, m := range s.mails() {
			text, exists := strings.Join(strings.Fields(m.Text(s)), " "), m.To[0] != "new@example.org"
			closed := m.To[0] == "inactive@example.org"
			if exists == strings.Contains(text, "/signup/confirm/") || exists != strings.Contains(text, "which has an account already") {
				s.Errorf("the email to %s:\n%s", m.To[0], text)
			}
			if closed != strings.Contains(text, "contact support") || (exists && !closed) != strings.Contains(text, "/password-reset") {
				s.Errorf("the email to %s offers what does not work:\n%s", m.To[0], text)
			}
		}
		s.sent(4)
		if n := s.db.Text(s.T, `SELECT count(*) FROM users`); n != "2" || !s.signsIn("user@example.org", oldPassword) {
			s.Errorf("%s accounts; the sign-up form changed something", n)
		}
	}, signUpOn)
}

// Before the answer nothing is looked up: the accounts may be unreachable.
func TestSignUpLooksNothingUp(t *testing.T) {
	eachSite(t, func(s *site) {
		s.db.SQL(s.T, `ALTER TABLE users RENAME TO gone`)
		s.browser().signUp("new@example.org").Is(http.StatusSeeOther).To("/signup/done")
		s.stored(`SELECT email FROM reset_signups`, "new@example.org")
		s.eventually("the look-up failed", func() bool { return strings.Contains(s.log.String(), "accounts can't be looked up") })
		s.db.SQL(s.T, `ALTER TABLE gone RENAME TO users`)
	}, signUpOn)
}

func TestSignUpChoosesThePasswordBehindTheLink(t *testing.T) {
	eachSite(t, func(s *site) {
		link := s.signUpAsked("new@Example.org")
		for range 3 { // a scanner
			s.browser().Get(link).Is(http.StatusOK).Has(`form[method="post"] button`, 1).Has(`input[name="username"][value="new@example.org"]`, 1)
			s.browser().Head(link).Is(http.StatusOK)
		}
		s.browser().Post(link).Is(http.StatusBadRequest) // a scanner that presses buttons
		if n := s.db.Text(s.T, `SELECT count(*) FROM users`); n != "0" {
			s.Fatal("opening the link created an account")
		}
		b := s.browser()
		b.Get("/signup/complete").Is(http.StatusNotFound).Says("Did you just create an account?").Has(`main a[href="/login"]`, 1).Has(`main a[href="/signup"]`, 1)
		b.finish(link, newPassword).Is(http.StatusSeeOther).To("/signup/complete")
		b.Get("/signup/complete").Is(http.StatusOK).Says("Sign in with the password that you chose").Has(`a[href="/login"]`, 1)
		if !s.signsIn("New@example.org", newPassword) || s.signsIn("new@example.org", oldPassword) {
			s.Error("the chosen password does not sign in")
		}
		s.browser().Get(link).Is(http.StatusGone).Has(`a[href="/login"]`, 1)
		s.browser().finish(link, ownPassword).Is(http.StatusGone).Says("already been used")
		s.accepts("new@example.org", ownPassword, false)
		s.ask("new@example.org")
	}, signUpOn)
}

// Two people use one computer: the new one is told to sign in, and the first is signed in.
func TestSignUpEndsTheSessionOfItsBrowser(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		b.finish(s.signUpAsked("new@example.org"), newPassword).Is(http.StatusSeeOther).To("/signup/complete")
		b.Get("/signup/complete").Is(http.StatusOK).Says("Sign in with the password that you chose")
		b.Get("/login").Is(http.StatusOK).Has(`form[action="/login"]`, 1).Lacks("You are signed in")
		b.signUp("third@example.org").To("/signup/done")
		b.Get("/signup/complete").Is(http.StatusNotFound).Says("Did you just create an account?")
	}, signUpOn)
}

func TestSignUpIsConfirmedOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		link := s.signUpAsked("new@example.org")
		var won atomic.Int64
		var clicks sync.WaitGroup
		for i := range 10 {
			clicks.Go(func() {
				if s.browser().finish(link, newPassword+strings.Repeat("x", i)).Status == http.StatusSeeOther {
					won.Add(1)
				}
			})
		}
		clicks.Wait()
		if n := s.db.Text(s.T, `SELECT count(*) FROM users`); n != "1" || won.Load() != 1 {
			s.Errorf("%d forms created %s accounts, want one of each", won.Load(), n)
		}
	}, signUpOn)
}

// A double click and a POST that is repeated after a lost answer show the success page.
func TestSignUpFormTwiceIsAnsweredTheSame(t *testing.T) {
	eachSite(t, func(s *site) {
		link := s.signUpAsked("new@example.org")
		var clicks sync.WaitGroup
		for range 5 {
			clicks.Go(func() { s.browser().finish(link, newPassword).Is(http.StatusSeeOther).To("/signup/complete") })
		}
		clicks.Wait()
		s.clock.Add(2*time.Minute - time.Second)
		s.browser().finish(link, newPassword).Is(http.StatusSeeOther)
		s.from("203.0.113.5").finish(link, newPassword).Is(http.StatusGone)
		s.clock.Add(time.Second)
		s.browser().finish(link, newPassword).Is(http.StatusGone)
	}, signUpOn, behindProxy)
}

func TestOnlyTheNewestSignUpLinkWorks(t *testing.T) {
	eachSite(t, func(s *site) {
		first, other := s.signUpAsked("new@example.org"), s.signUpAsked("other@example.org")
		second := s.signUpAsked("NEW@example.org")
		s.browser().Get(first).Is(http.StatusGone).Says("A newer link was sent").Has(`a[href="/signup"]`, 1)
		s.browser().finish(first, newPassword).Is(http.StatusGone).Says("A newer link was sent")
		s.browser().finish(other, newPassword).Is(http.StatusSeeOther)
		s.browser().finish(second, newPassword).Is(http.StatusSeeOther)
		s.browser().finish(first, newPassword).Is(http.StatusConflict).Has(`a[href="/password-reset"]`, 1)
		s.browser().signUp("new@example.org")
		s.browser().Get(second).Is(http.StatusGone).Says("already been used")
		s.stored(`SELECT count(*) FROM users`, "2")
	}, signUpOn)
}

// A link whose email did not arrive does not end the one that did.
func TestSignUpLinkThatWasNotSentEndsNoOther(t *testing.T) {
	eachSite(t, func(s *site) {
		first := s.signUpAsked("new@example.org")
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later"})
		for range 2 { // the mail server refuses the first for now, and the second is throttled
			s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		}
		s.eventually("the attempt", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE '%later%'`) == "1"
		})
		s.browser().Get(first).Is(http.StatusOK)
		s.browser().finish(first, newPassword).Is(http.StatusSeeOther)
	}, signUpOn, limits("2/1h", "0", "0", "0"))
}

// A mail server that takes no email at the first attempt must not make the newest email in
// the inbox hold a link that was replaced.
func TestReplacedSignUpLinkIsNotSent(t *testing.T) {
	eachSite(t, func(s *site) {
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later", Times: 2})
		for n := range 2 {
			s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
			s.eventually("the first attempt", func() bool {
				return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE '%later%'`) == strconv.Itoa(n+1)
			})
			s.clock.Add(time.Second)
		}
		s.clock.Add(20 * time.Minute)
		s.app.worker.Wake()
		mails := s.mails()
		if len(mails) != 1 {
			s.Fatalf("%d emails were sent, want only that of the newest sign-up", len(mails))
		}
		s.browser().finish(s.signUpLinkIn(mails[0]), newPassword).Is(http.StatusSeeOther)
	}, signUpOn)
}

// The mail server took the newest email and did not confirm it, so the older link works, too.
// The emails do not deny it.
func TestEmailsOfSignUpsDoNotDenyALinkThatWorks(t *testing.T) {
	eachSite(t, func(s *site) {
		first := s.signUpAsked("new@example.org")
		s.sink.Add(smtpsink.Rule{At: smtpsink.Taken, Drop: true, Times: 1})
		s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		for _, m := range s.mails() {
			if text := strings.Join(strings.Fields(m.Text(s)), " "); strings.Contains(text, "only the link") || !strings.Contains(text, "use the link in the newest") {
				s.Errorf("the email:\n%s", text)
			}
		}
		s.browser().finish(first, newPassword).Is(http.StatusSeeOther)
	}, signUpOn)
}

// An account that was created after the sign-up gets the other email.
func TestSignUpLooksAgainBeforeEachAttempt(t *testing.T) {
	eachSite(t, func(s *site) {
		s.sink.Add(smtpsink.Rule{Recipient: "new@example.org", At: smtpsink.Rcpt, Code: 451, Text: "later", Times: 1})
		s.browser().signUp("new@example.org")
		s.eventually("the first attempt", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply <> ''`) == "1"
		})
		s.user("new@example.org")
		s.clock.Add(20 * time.Minute)
		s.app.worker.Wake()
		if text := s.last().Text(s); strings.Contains(text, "/signup/confirm/") || !strings.Contains(text, "tried to sign up") {
			s.Errorf("the email:\n%s", text)
		}
		s.stored(`SELECT kind FROM reset_deliveries`, string(reset.KindSignUpExists))
	}, signUpOn)
}

// An address whose account was deleted, or moved to another address, after the sign-up gets
// the link.
func TestSignUpOfAnAccountThatIsGone(t *testing.T) {
	for name, change := range map[string]string{"deleted": `DELETE FROM users`, "moved": `UPDATE users SET email = 'moved@example.org'`} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				s.user("new@example.org")
				s.sink.Add(smtpsink.Rule{Recipient: "new@example.org", At: smtpsink.Rcpt, Code: 451, Text: "later", Times: 1})
				s.browser().signUp("new@example.org")
				s.eventually("the first attempt", func() bool {
					return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE kind = 'signup_exists' AND last_reply <> ''`) == "1"
				})
				s.db.SQL(s.T, change)
				s.clock.Add(20 * time.Minute)
				s.app.worker.Wake()
				s.browser().finish(s.signUpLinkIn(s.last()), newPassword).Is(http.StatusSeeOther)
				s.stored(`SELECT kind FROM reset_deliveries`, string(reset.KindSignUpConfirm))
			}, signUpOn)
		})
	}
}

func TestSignUpShowsAllProblems(t *testing.T) {
	eachSite(t, func(s *site) {
		p := s.browser().signUp("nonsense").Is(http.StatusUnprocessableEntity).Has(`[role="alert"] a[href="#email"]`, 1)
		if p.Field("email") != "nonsense" {
			s.Errorf("got the form:\n%s", p.Body)
		}
		s.browser().Post("/signup").Is(http.StatusBadRequest)
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_signups`); n != "0" || len(s.mails()) != 0 {
			s.Errorf("%s rows and %d emails of refused sign-ups, want none", n, len(s.mails()))
		}
		link := s.signUpAsked("otter.fan@example.org")
		p = s.browser().Post(link, "name", "two\nlines", "new_password", "otter", "confirm_password", "x").
			Is(http.StatusUnprocessableEntity).Has(`[role="alert"] a[href="#name"]`, 1).
			Has(`[role="alert"] a[href="#new_password"]`, 3).Has(`[role="alert"] a[href="#confirm_password"]`, 1)
		if p.Field("name") == "" || p.Field("new_password") != "" || !strings.HasPrefix(p.Find("title").Text(), "Error:") {
			s.Errorf("got the form:\n%s", p.Body)
		}
		s.browser().finish(link, "otter.fan@example.org").Is(http.StatusUnprocessableEntity)
		s.browser().finish(link, newPassword).Is(http.StatusSeeOther) // the link still works
	}, signUpOn)
}

// Nobody could type such an address again. The form shows it without these characters.
func TestSignUpRemovesInvisibleCharacters(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, typed := range []string{"us\u200ber@example.org", "user@exam\u00adple.org", "us\u202eer@example.org", "user\ufeff@example.org", "us\u200der@\u2060example.org"} {
			p := s.browser().signUp(typed).Is(http.StatusUnprocessableEntity).Says("can't be seen")
			if got := p.Field("email"); got != "user@example.org" {
				s.Errorf("%q: the form contains %q, want user@example.org", typed, got)
			}
		}
		s.signUpAsked("\u200buser@example.org\ufeff") // at its ends they are removed without a word
	}, signUpOn)
}

func TestSignUpLinksExpireAndHaveOnePurpose(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		resetLink := s.ask("user@example.org")
		link := s.signUpAsked("new@example.org")
		token := link[strings.LastIndexByte(link, '/')+1:]
		s.browser().Get("/password-reset/confirm/" + token).Is(http.StatusNotFound)
		s.browser().Deny("/password-reset/not-me/" + token).Is(http.StatusNotFound)
		s.browser().finish("/signup/confirm/"+resetLink[strings.LastIndexByte(resetLink, '/')+1:], newPassword).Is(http.StatusNotFound)
		s.browser().finish(link+"x", newPassword).Is(http.StatusNotFound).Has(`a[href="/signup"]`, 1)
		s.browser().With("Sec-Fetch-Site", "cross-site").finish(link, newPassword).Is(http.StatusForbidden)
		s.clock.Add(reset.SignUpLifetime - time.Second)
		s.browser().Get(link).Is(http.StatusOK)
		s.clock.Add(time.Second)
		s.browser().Get(link).Is(http.StatusGone).Says("has expired", "created no account")
		s.browser().finish(link, newPassword).Is(http.StatusGone)
		var never time.Time
		s.app.sweepOnce(s.Context(), &never)
		s.browser().finish(link, newPassword).Is(http.StatusGone).Says("no record of this link")
		s.stored(`SELECT count(*) FROM reset_signups`, "0")
	}, signUpOn)
}

// After its row was removed, the page does not state that a link created no account.
func TestSignUpLinkWithoutARowStatesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		link := s.signUpAsked("new@example.org")
		s.browser().finish(link, newPassword).Is(http.StatusSeeOther)
		s.clock.Add(reset.SignUpLifetime)
		var never time.Time
		s.app.sweepOnce(s.Context(), &never)
		s.browser().Get(link).Is(http.StatusGone).Says("no record of this link").Lacks("no account", "not created").Has(`a[href="/login"]`, 1)
	}, signUpOn)
}

func TestSignUpIsLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for _, email := range []string{"new@example.org", "user@example.org"} {
			for range 3 {
				s.from("203.0.113.5").signUp(email).Is(http.StatusSeeOther).To("/signup/done")
				s.settled()
			}
		}
		s.sent(4)
		for range 2 {
			s.from("203.0.113.6").signUp("x").Is(http.StatusUnprocessableEntity)
		}
		for range 6 {
			s.from("203.0.113.6").signUp("b@example.org").Is(http.StatusSeeOther)
		}
		s.from("203.0.113.6").signUp("c@example.org").Is(http.StatusTooManyRequests)
		link := s.signUpLinkIn(s.mails()[1])
		s.browser().finish(link, newPassword).Is(http.StatusSeeOther)
		s.browser().finish(link, ownPassword).Is(http.StatusGone)
		s.browser().finish(link, ownPassword).Is(http.StatusTooManyRequests)
	}, signUpOn, limits("2/1h", "8/1h", "2/1h", "0"))
}

// Sign-ups with somebody's address do not throttle the owner, nor the other way round.
func TestSignUpAndResetAreCountedSeparately(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		stranger, owner := s.from("203.0.113.5"), s.from("203.0.113.5")
		for range 5 {
			stranger.signUp("user@example.org").Is(http.StatusSeeOther)
		}
		before := len(s.mails())
		for range 2 {
			owner.Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		}
		if got := len(s.mails()) - before; got != 2 {
			s.Errorf("the owner got %d links, want 2", got)
		}
		stranger.signUp("x").Is(http.StatusTooManyRequests)
		owner.Post("/password-reset", "email", "x").Is(http.StatusUnprocessableEntity)
	}, signUpOn, limits("2/1h", "5/1h", "0", "0"))
}

func TestSignUpCanBeTurnedOff(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, path := range []string{"/signup", "/signup/confirm/aaaa", "/SIGNUP/", "/signup/done"} {
			s.browser().Get(path).Is(http.StatusNotFound).Says("Sign-up is closed").Has(`a[href="/login"]`, 1).Has(`a[href="/signup"]`, 0)
		}
		s.browser().signUp("new@example.org").Is(http.StatusNotFound)
		s.browser().Get("/login").Has(`a[href="/signup"]`, 0)
	})
}

func TestSignUpInABrowser(t *testing.T) {
	eachBrowser(t, func(w walker) {
		w.visit("/login")
		w.click(`a[href="/signup"]`)
		w.fill("email", "new@example.org")
		w.at("/signup/done", "Check your inbox")
		w.visit(w.signUpLinkIn(w.mails()[0]))
		w.fill("name", "Example User", "new_password", "otter", "confirm_password", "otter")
		w.see(`[role="alert"]`)
		w.fill("new_password", newPassword, "confirm_password", newPassword)
		w.at("/signup/complete", "created")
		w.click(`a[href="/login"]`)
		w.fill("email", "new@example.org", "password", newPassword)
		w.at("/login", "signed in")
	}, signUpOn)
}
