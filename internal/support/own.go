package support

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	ownPath         = "/support/me"
	ownPasswordPath = ownPath + "/password"
	ownTOTPPath     = ownPath + "/totp"
)

// ownView is the page of a member's own password and TOTP secret, and of their changes.
type ownView struct {
	page
	Username  string
	MinLength int
	Coded     bool // the member signs in with a code
	totpSetup
	Done string
}

func (s *support) ownView(v visit) ownView {
	return ownView{page: s.page(v), Username: v.member.Name, MinLength: s.Staff.Policy().MinLength, Coded: v.member.TOTP != ""}
}

func (s *support) own(v visit) error {
	view := s.ownView(v)
	if done := s.Sessions.PopString(v.ctx(), sessionDone); done != "" {
		view.Done = "support_done_" + done
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_own.html", view)
}

// sessionDone is the key of the change that the next page reports.
const sessionDone = "own_done"

func (s *support) ownPasswordForm(v visit) error {
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_own_password.html", s.ownView(v))
}

func (s *support) ownPassword(v visit) error {
	form, err := web.Form(v.Context, []string{"old_password", "new_password", "confirm_password"}, "username", "present_code")
	if err != nil {
		return err
	}
	return s.changeOwn(v, "support_own_password.html", "", func() (staff.Member, error) {
		present := staff.Present{Password: form["old_password"], Code: form["present_code"]}
		return s.Staff.ChangeOwnPassword(v.ctx(), v.by(""), present, form["new_password"], form["confirm_password"])
	}, staff.ChangedOwnPassword)
}

func (s *support) ownTOTPForm(v visit) (err error) {
	view := s.ownView(v)
	if view.totpSetup, err = s.setup(v.member, ""); err != nil {
		return err
	}
	return s.Renderer.HTML(v.Context, http.StatusOK, "support_own_totp.html", view)
}

func (s *support) ownTOTP(v visit) error {
	form, err := web.Form(v.Context, []string{"old_password", "setup", "code"}, "username", "present_code")
	if err != nil {
		return err
	}
	return s.changeOwn(v, "support_own_totp.html", form["setup"], func() (staff.Member, error) {
		present := staff.Present{Password: form["old_password"], Code: form["present_code"]}
		return s.Staff.ChangeOwnTOTP(v.ctx(), v.by(""), present, form["setup"], form["code"])
	}, staff.ChangedOwnTOTP)
}

// changeOwn changes a member's own password or TOTP secret. Wrong passwords and codes count
// as failed sign-ins. The change ends all sessions, so this browser gets a new one.
func (s *support) changeOwn(v visit, template, sealed string, change func() (staff.Member, error), action staff.Action) error {
	attempt, err := s.chargeSignIn(v.Context, v.member.Name)
	if err != nil {
		return err
	}
	m, err := change()
	if !unproven(err) {
		if e := attempt.Refund(v.ctx()); e != nil {
			return errors.Join(err, e)
		}
	}
	if refusedChoice(err) || unproven(err) {
		return s.ownAgain(v, template, sealed, err)
	}
	if err != nil {
		return err
	}
	if err := s.begin(v.Context, m); err != nil {
		return err
	}
	s.Known.SignedIn(v.Context, limit.Member(m.Name), m.PasswordHash)
	s.Sessions.Put(v.ctx(), sessionDone, string(action))
	return web.SeeOther(v.Context, ownPath)
}

// unproven reports whether the present password or code was wrong.
func unproven(err error) bool {
	refused, ok := errors.AsType[*reset.RefusedPassword](err)
	return ok && refused.WrongCurrent || errors.Is(err, staff.ErrPresentCode)
}

func (s *support) ownAgain(v visit, template, sealed string, why error) (err error) {
	view := s.ownView(v)
	if template == "support_own_totp.html" {
		if view.totpSetup, err = s.setup(v.member, sealed); err != nil {
			return err
		}
	}
	if err := s.refuseChoice(&view.Page, why); err != nil {
		return err
	}
	if errors.Is(why, staff.ErrPresentCode) {
		if err := view.Refuse("present_code", "problem_present_code"); err != nil {
			return err
		}
	}
	return s.Renderer.HTML(v.Context, http.StatusUnprocessableEntity, template, view)
}

// begin begins the session of a member in this browser.
func (s *support) begin(c *gin.Context, m staff.Member) error {
	ctx := c.Request.Context()
	if err := errors.Join(s.Sessions.Clear(ctx), s.Sessions.RenewToken(ctx)); err != nil { // what is kept for another member, too
		return err
	}
	s.putTicket(ctx, s.Staff.Ticket(m))
	return nil
}

func (s *support) putTicket(ctx context.Context, t staff.Ticket) {
	s.Sessions.Put(ctx, SessionMember, t.ID)
	s.Sessions.Put(ctx, sessionState, t.State)
}

// mountOwn adds the routes of a member's own password and TOTP secret.
func (s *support) mountOwn(r *web.Routes) {
	r.Show(ownPath, s.member(s.own), limit.SignedIn)
	r.Show(ownPasswordPath, s.member(s.ownPasswordForm), limit.SignedIn)
	r.Post(ownPasswordPath, s.member(s.ownPassword), limit.PerSignIn)
	r.Show(ownTOTPPath, s.member(s.ownTOTPForm), limit.SignedIn)
	r.Post(ownTOTPPath, s.member(s.ownTOTP), limit.PerSignIn)
}
