package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"resetd/internal/staff"
	"resetd/internal/users"
)

func TestStaffActionRequiresAReason(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		path := "/support/resets/" + s.resets()[0].ID.String()
		b := s.member("arno", staff.Agent)
		for action, bad := range map[string]string{"send": "", "revoke": "  \t"} {
			p := b.post(path+"/"+action, action+"_reason", bad).is(http.StatusUnprocessableEntity)
			p.has(`[role="alert"] a[href="#`+action+`_reason"]`, 1).has(`#`+action+`_reason[aria-invalid="true"]`, 1).has(`[aria-invalid]`, 1)
			long := strings.Repeat("x", 501)
			if got := b.post(path+"/"+action, action+"_reason", long).is(http.StatusUnprocessableEntity).value(action + "_reason"); got != long {
				s.Errorf("%s: the typed reason was lost", action)
			}
			b.post(path + "/" + action).is(http.StatusBadRequest)
			b.post(path+"/"+action, action+"_reason", "x", action+"_reason", "y").is(http.StatusBadRequest)
			b.get(path + "/" + action).is(http.StatusMethodNotAllowed)
		}
		s.browser().open(link)
		b.post(path+"/revoke", "revoke_reason", "  she called; ticket <4711>  ").is(http.StatusSeeOther).to(path + "?done=revoked")
		b.get(path+"?done=revoked").is(http.StatusOK).contains(".done", "The link has ended.").has(`form[action$="/revoke"]`, 0).has(`form[action$="/send"]`, 1)
		b.get(path+"?done=<script>").is(http.StatusOK).has(".done", 0)
		s.member("ada", staff.Admin).get("/support/audit").contains(".rows", "she called; ticket <4711>", "ended a link")
		if got := s.db.Text(s.T, `SELECT reason FROM reset_audit WHERE action = 'revoke' AND refused = ''`); got != "she called; ticket <4711>" {
			s.Errorf("recorded: %q", got)
		}
	})
}

func TestNewStaffLinkGoesToTheStoredAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.ask("user@example.org")
		old := s.resets()[0].ID.String()
		s.db.SQL(s.T, `UPDATE users SET email = 'Moved@example.org' WHERE id = '`+a.ID+`'`)
		b := s.member("arno", staff.Agent)
		s.clock.Add(time.Minute)
		b.get("/support/resets/"+old).contains(".actions", "It goes to Moved@example.org").contains(".facts", "Moved@example.org")
		p := b.post("/support/resets/"+old+"/send", "send_reason", "she called").is(http.StatusSeeOther)
		fresh := s.resets()[0]
		p.to("/support/resets/" + fresh.ID.String() + "?done=sent")
		mails := s.mails()
		if len(mails) != 2 || mails[1].To[0] != "Moved@example.org" || fresh.Email != "moved@example.org" || fresh.RequestedBy != "staff:arno" || fresh.UserID != a.ID {
			s.Fatalf("%d mails; the new reset: %+v", len(mails), fresh)
		}
		s.member("ada", staff.Admin).get(p.header.Get("Location")).has(".done", 0) // somebody else did it
		b.get("/support/resets/"+fresh.ID.String()+"?done=revoked").has(".done", 0)
		b.get(p.header.Get("Location")).is(http.StatusOK).contains(".done", "A new link was made").contains("h1", "moved@example.org").contains(".timeline .asked", "by arno of the staff").contains(".facts", "by arno of the staff")
		b.get("/support/resets/"+old).contains(".actions-on li", "sent a link", "arno", "she called")
		b.get("/support/resets/"+fresh.ID.String()).has(".actions-on", 0)
		owner := s.browser()
		owner.choose(owner.open(s.linkIn(mails[1])), newPassword, newPassword).is(http.StatusSeeOther)
	})
}

func TestStaffSeeThatALinkIsDead(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		s.ask("user@example.org")
		path := "/support/resets/" + s.resets()[0].ID.String()
		s.clock.Add(time.Hour)
		b.get(path).is(http.StatusOK).has(`form[action$="/revoke"]`, 0)
		b.post(path+"/revoke", "revoke_reason", "too late").is(http.StatusUnprocessableEntity).contains(`[role="alert"]`, "ended already").contains(".verdict", "It expired unused")
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_audit WHERE action = 'revoke'`); n != "2" {
			s.Errorf("got %s entries, want one for the attempt and one for the failure", n)
		}
	})
}

func TestStaffCannotSendAWithheldLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		b := s.member("arno", staff.Agent)
		for _, email := range []string{"inactive@example.org", "nobody@example.org"} {
			s.clock.Add(time.Second)
			s.browser().post("/password-reset", "email", email).is(http.StatusSeeOther)
			s.settled()
			path := "/support/resets/" + s.resets()[0].ID.String()
			b.get(path).is(http.StatusOK).has("main form", 0)
			b.post(path+"/send", "send_reason", "she called").is(http.StatusUnprocessableEntity).contains(`[role="alert"]`, "No link can be sent here")
			b.post(path+"/revoke", "revoke_reason", "she called").is(http.StatusUnprocessableEntity).contains(`[role="alert"]`, "No link was made")
		}
		b.get("/support/resets/"+s.resets()[1].ID.String()).contains(".actions", "No link can be sent here")
		if mails := s.mails(); len(mails) != 0 || len(s.resets()) != 2 {
			s.Errorf("%d mails and %d rows, want none and the two", len(mails), len(s.resets()))
		}
	})
}

func TestViewersSeeNoActions(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		path := "/support/resets/" + s.resets()[0].ID.String()
		b := s.member("vera", staff.Viewer)
		b.get(path).is(http.StatusOK).has("main form", 0).has(`nav a[href="/support/audit"]`, 0)
		b.post(path+"/send", "send_reason", "x").is(http.StatusForbidden).contains("main", "role does not allow").has("h1", 1)
		for i, form := range [][]string{{"x", "y"}, {"revoke_reason", "x", "revoke_reason", "y"}, {}} { // the role is checked before the form
			b.post(path+"/revoke", form...).is(http.StatusForbidden)
			if n := s.db.Text(s.T, `SELECT count(*) FROM reset_audit WHERE action = 'revoke' AND refused <> ''`); n != strconv.Itoa(i+1) {
				s.Errorf("%q: %s recorded refusals, want %d", form, n, i+1)
			}
		}
		b.get("/support/audit").is(http.StatusForbidden)
	})
}
