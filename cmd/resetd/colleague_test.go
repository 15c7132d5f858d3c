package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/staff"
	"resetd/internal/testkit/smtpsink"
)

// Two members act on one person at the same time. Each reads what was done, in words that
// stay true, and a reload long after reports nothing.
func TestStaffReadOfTheirOwnActionBesideAColleague(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		arno, bea := s.member("arno", staff.Agent), s.member("bea", staff.Agent)
		bea.Get(path).Is(http.StatusOK)
		s.ask("user@example.org")
		for action, told := range map[string]string{"revoke_all": "The links of this person were ended", "unlock": "The locks were lifted"} {
			for _, b := range []*browser{arno, bea} {
				b.act(a.ID, action, "x").To(path + "?done=" + action)
			}
			for _, b := range []*browser{arno, bea} {
				b.Get(path+"?done="+action).Shows(".done", told).Lacks("No link of this person works", "not locked any more")
			}
		}
		bea.act(a.ID, "users_disable", "x").To(path + "?done=users_disable")
		arno.act(a.ID, "users_enable", "x").To(path + "?done=users_enable")
		bea.Get(path+"?done=users_disable").Shows(".done", "The account was disabled").Shows("h1", "active").Lacks("is disabled")
		s.clock.Add(2 * time.Minute)
		for _, b := range []*browser{arno, bea} {
			b.Get(path+"?done=users_disable").Has(".done", 0)
		}
	})
}

// A form that a colleague left open must not act in the name of whoever signed in after.
func TestFormOfAColleagueDoesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		s.ask("user@example.org")
		one := "/support/resets/" + s.resets()[0].ID.String()
		arno := s.member("arno", staff.Admin)
		s.member("bea", staff.Admin)
		s.member("vera", staff.Viewer)
		forms := map[string]page{path: arno.Get(path), one: arno.Get(one), "/support/members/bea": arno.Get("/support/members/bea")}
		arno.staffLogin("bea", oldPassword, "").Is(http.StatusSeeOther)
		for at, form := range forms {
			if got := form.Find(`main form input[name="as"][value="arno"]`).Length(); got != form.Find(`main form[method="post"]`).Length() || got == 0 {
				s.Errorf("%s: %d forms name the member", at, got)
			}
		}
		vera := s.browser()
		vera.staffLogin("vera", oldPassword, "").Is(http.StatusSeeOther)
		for at, fields := range map[string][]string{
			path:                   {"action", "users_disable", "reason", "she <b>called</b>"},
			one + "/revoke":        {"revoke_reason", "she <b>called</b>"},
			"/support/members/bea": {"action", "staff_disable", "reason", "she <b>called</b>"},
		} {
			vera.Post(at, append(fields, "as", "arno")...).Is(http.StatusForbidden)
			arno.Post(at, append(fields, "as", "arno")...).Is(http.StatusConflict).
				Says("This attempt did nothing", "shown to arno", "signed in as bea", "she <b>called</b>").Has(`main a[href="`+strings.TrimSuffix(at, "/revoke")+`"]`, 1)
		}
		arno.Post("/support/me/password", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword, "as", "arno").Is(http.StatusConflict)
		s.stored(`SELECT count(*) FROM reset_audit WHERE member = 'bea' AND refused = 'the form was shown to another member'`, "4")
		s.stored(`SELECT count(*) FROM reset_audit WHERE member = 'vera' AND refused = 'not allowed for this role'`, "3")
		s.stored(`SELECT count(*) FROM reset_audit WHERE reason LIKE '%called%'`, "0")
		arno.Post(path, "action", "note", "reason", "mine", "as", "bea").Is(http.StatusSeeOther)
	})
}

// The answer to a form is lost, the session ends, and the form is sent again. Staff must not
// read that nothing was done, and send a second link.
func TestFormThatWasDoneIsNotCalledUndone(t *testing.T) {
	eachSite(t, func(s *site) {
		path := "/support/accounts/" + s.user("user@example.org").ID
		for name, role := range map[string]staff.Role{"arno": staff.Agent, "sue": staff.Sender} {
			b := s.member(name, role)
			fields := []string{"action", "send_link_to", "reason", "she called", "as", name, "form", b.Get(path).Field("form")}
			b.Post(path, fields...).Is(http.StatusSeeOther)
			s.mails()
			s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
			b.Post(path, fields...).To("/support/login")
			login := b.Get("/support/login").Says("This attempt did nothing").Lacks("Nothing was done", "nothing was done")
			b.staffLogin(name, oldPassword, "", "next", login.Field("next"), "reason", login.Field("reason")).To(path)
			b.Get(path).Shows(".done", "it may be done already", "Your reason is still here").Lacks("nothing was done")
		}
		s.sent(2)
	})
}

// A reason that was typed before the session ended is only for the member who typed it.
func TestKeptReasonIsNotForAColleague(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		s.member("bea", staff.Agent)
		for _, name := range []string{"arno", "bea"} {
			b := s.browser()
			if name == "arno" {
				s.member("arno", staff.Agent)
			}
			b.staffLogin("arno", oldPassword, "")
			s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
			b.Post(path, "action", "note", "reason", "she called", "as", "arno").To("/support/login")
			login := b.Get("/support/login")
			b.staffLogin(name, oldPassword, "", "next", login.Field("next"), "reason", login.Field("reason")).To(path)
			p := b.Get(path).Is(http.StatusOK)
			if got := p.Find("#reason").Text(); (got == "she called") != (name == "arno") || (p.Find(".done").Length() == 1) != (name == "arno") {
				s.Errorf("%s gets the reason %q", name, got)
			}
		}
	})
}

// Staff wait for a caller to read out a code. They must know if its email was not accepted.
func TestStaffReadWhetherTheCodeWasSent(t *testing.T) {
	for reply, want := range map[int]string{550: "could not be sent, so the caller does not have the code: ", 451: "No mail server has accepted the email to user@example.org yet ("} {
		eachSite(t, func(s *site) {
			a := s.user("user@example.org")
			path := "/support/accounts/" + a.ID
			s.sink.Add(smtpsink.Rule{Recipient: "user@example.org", At: smtpsink.Rcpt, Code: reply, Text: "Example server says so"})
			for _, b := range []*browser{s.member("arno", staff.Agent), s.member("sue", staff.Sender)} {
				b.Post(path, "action", "mail_code").To(path + "?done=mail_code")
				s.eventually("it was tried", func() bool {
					return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply IS NULL OR last_reply = ''`) == "0"
				})
				b.Get(path+"?done=mail_code").Has(".done", 0).Shows("#code-hint", want, "Example server says so", "3 tries left").Lacks("on its way", "was emailed")
			}
			s.db.SQL(s.T, `UPDATE reset_deliveries SET failed_at = NULL, next_attempt_at = NULL`)
			arno := s.browser()
			arno.staffLogin("arno", oldPassword, "")
			arno.Get(path+"?done=mail_code").Has(".done", 0).Shows("#code-hint", "was not sent, or no mail server confirmed it")
			s.db.SQL(s.T, `UPDATE reset_deliveries SET sent_at = created_at, bounced_at = created_at`)
			arno.Get(path).Shows("#code-hint", "came back, so perhaps the caller does not have the code")
		}, deskCheck("offer"))
	}
}

// The right code may arrive twice, by a double click or from two members.
func TestRightCodeTypedTwice(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		path := "/support/accounts/" + a.ID
		arno, bea := s.member("arno", staff.Agent), s.member("bea", staff.Agent)
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code := s.deskCode()
		for range 2 {
			arno.Post(path, "action", "type_code", "code", code).To(path + "?done=type_code")
		}
		bea.Post(path, "action", "type_code", "code", code).Is(http.StatusUnprocessableEntity).Shows("#check-problem", "or the right one was typed before").Has("#unverified", 1)
		arno.Post(path, "action", "type_code", "code", other(code)).Is(http.StatusUnprocessableEntity)
	}, deskCheck("require"))
}
