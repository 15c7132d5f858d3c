package threats

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (b *browser) signUp(email string) page {
	b.Helper()
	return b.Post("/signup", "email", email)
}

func (b *browser) createAccount(link string) page {
	b.Helper()
	return b.Post(link, "name", "Example User", "new_password", newPassword, "confirm_password", newPassword)
}

func TestSignUp(t *testing.T) {
	each(t, vars{"SIGNUP": "on"}, func(s *service) {
		s.account(user)
		var answers []page
		for _, email := range []string{user, nobody} {
			p := s.browser().signUp(email).To("/signup/done")
			p.Header.Del("Date")
			p.Header.Del("X-Request-Id")
			answers = append(answers, p)
		}
		if diff := cmp.Diff([]any{answers[0].Header, answers[0].Body}, []any{answers[1].Header, answers[1].Body}); diff != "" {
			s.Errorf("the answer for an address with an account differs:\n%s", diff)
		}
		mails := map[string]string{}
		for _, m := range s.wantMails(2, user, nobody) {
			mails[m.To[0]] = m.Text(s)
		}
		if !strings.Contains(mails[user], "/password-reset") || strings.Contains(mails[user], "/signup/confirm/") {
			s.Errorf("the owner is not notified:\n%s", mails[user])
		}
		_, rest, found := strings.Cut(mails[nobody], "/signup/confirm/")
		if !found {
			s.Fatalf("no link in the email:\n%s", mails[nobody])
		}
		link := "/signup/confirm/" + strings.Fields(rest)[0]
		s.wantSignUpNeedsAClick(link)
		s.wantPassword(nobody, newPassword, oldPassword)
		s.wantPassword(user, oldPassword, newPassword)
	})
}

// wantSignUpNeedsAClick checks that only the form creates the account, and that the
// token works only for this sign-up.
func (s *service) wantSignUpNeedsAClick(link string) {
	s.Helper()
	for range 3 {
		s.browser().Get(link).Is(http.StatusOK).Has(`form[method="post"] button`, 1)
		s.browser().Head(link).Is(http.StatusOK)
	}
	s.browser().Get("/password-reset/confirm/" + token(link)).Is(http.StatusNotFound)
	s.browser().Get("/password-reset/not-me/" + token(link)).Is(http.StatusNotFound)
	s.browser().Post(link).Is(http.StatusBadRequest)
	if s.browser().login(nobody, newPassword).Status == http.StatusSeeOther {
		s.Error("an account can sign in although the form was not sent")
	}
	s.browser().createAccount(link).To("/signup/complete")
	s.browser().Post(link, "name", "", "new_password", oldPassword, "confirm_password", oldPassword).Is(http.StatusGone)
}
