package threats

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (b *browser) signUp(email string) page {
	b.Helper()
	return b.post("/signup", "email", email)
}

func (b *browser) createAccount(link string) page {
	b.Helper()
	return b.post(link, "name", "Example User", "new_password", newPassword, "confirm_password", newPassword)
}

func TestSignUp(t *testing.T) {
	each(t, vars{"SIGNUP": "on"}, func(s *service) {
		s.account(user)
		var answers []page
		for _, email := range []string{user, nobody} {
			p := s.browser().signUp(email).to("/signup/done")
			p.header.Del("Date")
			p.header.Del("X-Request-Id")
			answers = append(answers, p)
		}
		if diff := cmp.Diff([]any{answers[0].header, answers[0].body}, []any{answers[1].header, answers[1].body}); diff != "" {
			s.Errorf("the answer for an address with an account differs:\n%s", diff)
		}
		mails := map[string]string{}
		for _, m := range s.wantMails(2, user, nobody) {
			mails[m.To[0]] = s.part(m, 0)
		}
		if !strings.Contains(mails[user], "/password-reset") || strings.Contains(mails[user], "/signup/confirm/") {
			s.Errorf("the owner is not notified:\n%s", mails[user])
		}
		_, rest, found := strings.Cut(mails[nobody], "/signup/confirm/")
		if !found {
			s.Fatalf("no link in the mail:\n%s", mails[nobody])
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
		s.browser().get(link).is(http.StatusOK).has(`form[method="post"] button`, 1)
		s.browser().head(link).is(http.StatusOK)
	}
	s.browser().get("/password-reset/confirm/" + token(link)).is(http.StatusNotFound)
	s.browser().get("/password-reset/not-me/" + token(link)).is(http.StatusNotFound)
	s.browser().post(link).is(http.StatusBadRequest)
	if s.browser().login(nobody, newPassword).status == http.StatusSeeOther {
		s.Error("an account can sign in although the form was not sent")
	}
	s.browser().createAccount(link).to("/signup/complete")
	s.browser().post(link, "name", "", "new_password", oldPassword, "confirm_password", oldPassword).is(http.StatusGone)
}
