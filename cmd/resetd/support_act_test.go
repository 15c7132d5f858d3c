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
			p := b.Post(path+"/"+action, action+"_reason", bad).Is(http.StatusUnprocessableEntity)
			p.Has(`[role="alert"] a[href="#`+action+`_reason"]`, 1).Has(`#`+action+`_reason[aria-invalid="true"]`, 1).Has(`[aria-invalid]`, 1)
			long := strings.Repeat("x", 501)
			if got := b.Post(path+"/"+action, action+"_reason", long).Is(http.StatusUnprocessableEntity).Field(action + "_reason"); got != long {
				s.Errorf("%s: the typed reason was lost", action)
			}
			b.Post(path + "/" + action).Is(http.StatusBadRequest)
			b.Post(path+"/"+action, action+"_reason", "x", action+"_reason", "y").Is(http.StatusBadRequest)
			b.Get(path + "/" + action).Is(http.StatusMethodNotAllowed)
		}
		s.browser().OpenLink(link)
		b.Post(path+"/revoke", "revoke_reason", "  she called; ticket <4711>  ").Is(http.StatusSeeOther).To(path + "?done=revoked")
		b.Get(path+"?done=revoked").Is(http.StatusOK).Shows(".done", "The link has ended.").Has(`form[action$="/revoke"]`, 0).Has(`form[action$="/send"]`, 1)
		b.Get(path+"?done=<script>").Is(http.StatusOK).Has(".done", 0)
		s.member("ada", staff.Admin).Get("/support/audit").Shows(".rows", "she called; ticket <4711>", "ended a link")
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
		b.Get("/support/resets/"+old).Shows(".actions", "It goes to Moved@example.org").Shows(".facts", "Moved@example.org")
		p := b.Post("/support/resets/"+old+"/send", "send_reason", "she called").Is(http.StatusSeeOther)
		fresh := s.resets()[0]
		p.To("/support/resets/" + fresh.ID.String() + "?done=sent")
		mails := s.mails()
		if len(mails) != 2 || mails[1].To[0] != "Moved@example.org" || fresh.Email != "moved@example.org" || fresh.RequestedBy != "staff:arno" || fresh.UserID != a.ID {
			s.Fatalf("%d emails; the new reset: %+v", len(mails), fresh)
		}
		s.member("ada", staff.Admin).Get(p.Header.Get("Location")).Has(".done", 0) // somebody else did it
		b.Get("/support/resets/"+fresh.ID.String()+"?done=revoked").Has(".done", 0)
		b.Get(p.Header.Get("Location")).Is(http.StatusOK).Shows(".done", "A new link was made").Shows("h1", "moved@example.org").Shows(".timeline .asked", "by arno of the staff").Shows(".facts", "by arno of the staff")
		b.Get("/support/resets/"+old).Shows(".actions-on li", "sent a link", "arno", "she called")
		b.Get("/support/resets/"+fresh.ID.String()).Has(".actions-on", 0)
		owner := s.browser()
		owner.Choose(owner.OpenLink(s.linkIn(mails[1])), newPassword, newPassword).Is(http.StatusSeeOther)
	})
}

func TestStaffSeeThatALinkIsDead(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		s.ask("user@example.org")
		path := "/support/resets/" + s.resets()[0].ID.String()
		s.clock.Add(time.Hour)
		b.Get(path).Is(http.StatusOK).Has(`form[action$="/revoke"]`, 0)
		b.Post(path+"/revoke", "revoke_reason", "too late").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "ended already").Shows(".verdict", "It expired unused")
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'revoke'`, "2")
	})
}

func TestStaffCannotSendAWithheldLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		b := s.member("arno", staff.Agent)
		for _, email := range []string{"inactive@example.org", "nobody@example.org"} {
			s.clock.Add(time.Second)
			s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther)
			s.settled()
			path := "/support/resets/" + s.resets()[0].ID.String()
			b.Get(path).Is(http.StatusOK).Has("main form", 0)
			b.Post(path+"/send", "send_reason", "she called").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "No link can be sent here")
			b.Post(path+"/revoke", "revoke_reason", "she called").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "No link was made")
		}
		b.Get("/support/resets/"+s.resets()[1].ID.String()).Shows(".actions", "No link can be sent here")
		if mails := s.mails(); len(mails) != 0 || len(s.resets()) != 2 {
			s.Errorf("%d emails and %d rows, want none and the two", len(mails), len(s.resets()))
		}
	})
}

func TestViewersSeeNoActions(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		path := "/support/resets/" + s.resets()[0].ID.String()
		b := s.member("vera", staff.Viewer)
		b.Get(path).Is(http.StatusOK).Has("main form", 0).Has(`nav a[href="/support/audit"]`, 0)
		b.Post(path+"/send", "send_reason", "x").Is(http.StatusForbidden).Shows("main", "role does not allow").Has("h1", 1)
		for i, form := range [][]string{{"x", "y"}, {"revoke_reason", "x", "revoke_reason", "y"}, {}} { // the role is checked before the form
			b.Post(path+"/revoke", form...).Is(http.StatusForbidden)
			s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'revoke' AND refused <> ''`, strconv.Itoa(i+1))
		}
		b.Get("/support/audit").Is(http.StatusForbidden)
	})
}
