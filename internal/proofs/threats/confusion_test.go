package threats

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTwoLinksInOneBrowser(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account("first@example.org")
		s.account("second@example.org")
		first, second := s.ask("first@example.org"), s.ask("second@example.org")
		b := s.browser()
		formOfFirst := b.OpenLink(first)
		formOfSecond := b.OpenLink(second) // or a stranger's link that the owner was tricked to follow
		b.Choose(formOfFirst, newPassword, newPassword).Is(http.StatusConflict)
		for _, reset := range []string{"", "x", strings.ToUpper(formOfSecond.Field("reset")), formOfSecond.Field("reset") + " "} {
			b.Post("/password-reset/confirm", "reset", reset, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusConflict)
		}
		b.Post("/password-reset/confirm", "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusBadRequest)
		s.wantPassword("first@example.org", oldPassword, newPassword)
		s.wantPassword("second@example.org", oldPassword, newPassword)
		b.Choose(formOfSecond, newPassword, newPassword).To("/password-reset/complete")
		s.wantPassword("first@example.org", oldPassword, newPassword)
		s.wantPassword("second@example.org", newPassword, oldPassword)
		s.browser().finish(first, "a heron on the roof") // the link is still alive
	})
}

// The application changes the account after the link was checked and before the
// new password is written.
func TestAccountChangedMeanwhile(t *testing.T) {
	changes := map[string]string{
		"password": `password_hash = password_hash || 'A'`, "address": `email = 'moved@example.org'`, "active": `active = NOT active`, "id": `id = '00000000-0000-4000-8000-000000000001'`,
	}
	each(t, nil, func(s *service) {
		for name, change := range changes {
			email := name + "@example.org"
			s.account(email)
			b := s.browser()
			form := b.OpenLink(s.ask(email))
			p := s.meanwhile(`UPDATE users SET `+change+` WHERE email = '`+email+`'`, func() (page, error) { return b.submit(form, newPassword) })
			if p.Status != http.StatusGone {
				s.Errorf("another %s: got %d, want 410", name, p.Status)
			}
			if s.browser().login(email, newPassword).Status == http.StatusSeeOther || s.browser().login("moved@example.org", newPassword).Status == http.StatusSeeOther {
				s.Errorf("another %s: the link set a password", name)
			}
			s.is("account_changed", `SELECT revoked_by FROM password_resets WHERE email = '`+email+`'`)
		}
		s.is("0", `SELECT count(*) FROM reset_deliveries WHERE kind = 'password_changed'`)
	})
}

func TestConfirmationAndNotMe(t *testing.T) {
	each(t, vars{"TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		s.account(user)
		link := s.ask(user)
		before := time.Now()
		stranger := s.from("203.0.113.5").With("User-Agent", firefox)
		stranger.finish(link, newPassword)
		after := time.Now()
		stranger.login(user, newPassword).To("/login")
		notice := s.wantMails(2, user)[1]
		text := notice.Text(s)
		if !strings.Contains(text, "203.0.113.5") || !strings.Contains(text, before.UTC().Format("15:04")) && !strings.Contains(text, after.UTC().Format("15:04")) || !strings.Contains(text, "UTC") {
			s.Errorf("the notice does not contain the time and the IP address:\n%s", text)
		}
		notMe := s.notMeIn(notice)
		if strings.Contains(text+notice.HTML(s), "/password-reset/confirm") || !strings.Contains(notice.HTML(s), notMe) || token(notMe) == token(s.notMeIn(s.mails()[0])) {
			s.Error("both parts of the notice must contain a \"this wasn't me\" link and no reset link")
		}
		s.browser().Get("/password-reset/confirm/" + token(notMe)).Is(http.StatusNotFound)
		for range 3 {
			s.browser().Get(notMe).Is(http.StatusOK).Has(`form[method="post"] button`, 1)
			s.browser().Head(notMe).Is(http.StatusOK)
		}
		stranger.Get("/password-change").Is(http.StatusOK) // opening the page changed nothing
		s.wantMails(2, user)
		s.browser().Deny(notMe).Is(http.StatusOK)
		stranger.Get("/password-change").To("/login?next=/password-change")
		s.browser().finish(s.linkIn(s.wantMails(3, user)[2]), "a heron on the roof")
		s.wantPassword(user, "a heron on the roof", oldPassword, newPassword)
	})
}
