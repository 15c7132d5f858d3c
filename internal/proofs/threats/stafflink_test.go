package threats

import (
	"net/http"
	"strings"
	"testing"
)

const reason = "she called, ticket 4711"

func TestSendALink(t *testing.T) {
	each(t, nil, func(s *service) {
		a := s.account(user)
		s.browser().Request("User@Example.org").To("/password-reset/done")
		old := s.newest(user)
		oldLink := s.linkIn(s.mails()[0])
		m := s.member("arno", "agent")
		p := m.Get("/support/resets/" + old).Is(http.StatusOK)
		p.Has(`form[action="/support/resets/`+old+`/send"] input[name="send_reason"]`, 1).Has(`main form input[type="email"], main form input[name="email"]`, 0)
		// The email must go to the account's address, even if the form contains another one.
		p = m.Post("/support/resets/"+old+"/send?email=evil@example.com", "send_reason", reason, "email", "evil@example.com", "recipient", "evil@example.com")
		mails := s.wantMails(2, user)
		fresh := s.newest(user)
		p.To("/support/resets/" + fresh + "?done=sent")
		m.Get("/support/resets/"+fresh+"?done=sent").Is(http.StatusOK).Has(".done", 1).Shows(".timeline .asked", "by arno of the staff")
		s.is("staff:arno "+a.ID, `SELECT requested_by || ' ' || user_id FROM password_resets WHERE id = '`+fresh+`'`)
		if n := s.audit("arno", "send_link", old, ""); n != "1" {
			s.Errorf("it is recorded %s times, want once", n)
		}
		s.is(reason, `SELECT reason FROM reset_audit WHERE action = 'send_link'`)
		if text := mails[1].Text(s); !strings.Contains(text, "- By: our support team") || strings.Contains(text, "IP address") {
			s.Errorf("the email names the IP address of staff:\n%s", text)
		}
		s.browser().finish(s.linkIn(mails[1]), newPassword)
		s.browser().Get(oldLink).Is(http.StatusGone)
		s.wantPassword(user, newPassword, oldPassword)
	})
}

func TestRevokeALink(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		id := s.newest(user)
		m := s.member("arno", "agent")
		for _, blank := range []string{"", " \t ", strings.Repeat("ä", 501)} {
			m.revoke(id, blank).Is(http.StatusUnprocessableEntity).Has(`[role="alert"] a[href="#revoke_reason"]`, 1)
			m.send(id, blank).Is(http.StatusUnprocessableEntity).Has(`[role="alert"] a[href="#send_reason"]`, 1)
		}
		s.browser().OpenLink(link) // it is still alive
		long := strings.Repeat("ä", 500)
		m.revoke(id, long).To("/support/resets/" + id + "?done=revoked")
		s.browser().Get(link).Is(http.StatusGone)
		s.is("staff:arno", `SELECT revoked_by FROM password_resets`)
		s.is(long, `SELECT reason FROM reset_audit WHERE action = 'revoke' AND refused = ''`)
		m.Get("/support/resets/"+id).Has(`form[action$="/revoke"]`, 0).Shows(".verdict", "It was ended by arno of the staff")
		m.revoke(id, reason).Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "ended already")
		s.wantMails(1, user)
	})
}

// The support pages must not show links and passwords at any stage of a reset.
func TestNoLinkAndNoPasswordForStaff(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.account("inactive@example.org")
		s.db.SQL(s.T, `UPDATE users SET active = NOT active WHERE email = 'inactive@example.org'`)
		link := s.ask(user)
		m := s.member("ada", "admin")
		for _, email := range []string{"inactive@example.org", nobody} {
			s.browser().Request(email).To("/password-reset/done")
			m.Get("/support/resets/"+s.newest(email)).Is(http.StatusOK).Has(`form[action$="/revoke"]`, 0)
			m.send(s.newest(email), reason).Is(http.StatusUnprocessableEntity)
			m.revoke(s.newest(email), reason).Is(http.StatusUnprocessableEntity)
		}
		s.wantMails(1, user)
		m.send(s.newest(user), reason).Is(http.StatusSeeOther)
		links := []string{token(link), token(s.linkIn(s.wantMails(2, user)[1]))}
		for _, path := range []string{"", "/resets/" + s.newest(user), "/audit", "/resets.json", "/overview"} {
			p := m.Get("/support" + path).Is(http.StatusOK)
			p.Has(`main input[type="password"], a[href*="/password-reset"]`, 0)
			for _, secret := range links {
				if strings.Contains(p.Body, secret) {
					s.Errorf("%s shows a link", path)
				}
			}
		}
	})
}
