package support

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// JoinPath is the path of one-time links, before the token.
const JoinPath = "/support/join/"

// joinView is the page behind a one-time link.
type joinView struct {
	web.Page
	Token     string
	Username  string
	MinLength int
	totpSetup
}

type joinDeadView struct {
	web.Page
	Reason string
}

// joinForm asks for a password and a code. It changes nothing, because programs that
// scan messages follow links.
func (s *support) joinForm(c *gin.Context) error {
	link, err := s.Staff.VerifyLink(c.Param("token"))
	if err != nil {
		return s.joinDead(c, err)
	}
	return s.showJoin(c, link, "", nil)
}

// showJoin shows the form. If it was refused, it shows why, and the same secret again.
func (s *support) showJoin(c *gin.Context, link reset.ID, sealed string, why error) error {
	m, err := s.Staff.Invited(c.Request.Context(), link)
	if err != nil {
		return s.joinDead(c, err)
	}
	view := joinView{Page: s.Renderer.Page(c), Token: reset.Clean(c.Param("token")), Username: m.Name, MinLength: s.Staff.Policy().MinLength}
	if view.totpSetup, err = s.setup(m, sealed); err != nil {
		return err
	}
	if err := s.refuseChoice(&view.Page, why); err != nil {
		return err
	}
	status := http.StatusOK
	if why != nil {
		status = http.StatusUnprocessableEntity
	}
	return s.Renderer.HTML(c, status, "staff_join.html", view)
}

func (s *support) join(c *gin.Context) error {
	form, err := web.Form(c, []string{"new_password", "confirm_password", "setup", "code"}, "username")
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	link, err := s.Staff.VerifyLink(c.Param("token"))
	if err != nil {
		return s.joinDead(c, err)
	}
	if err := s.Limits.ChargeLink(ctx, link); err != nil {
		return err
	}
	err = s.Staff.Join(ctx, link, staff.Choice{
		Password: form["new_password"], Again: form["confirm_password"], Setup: form["setup"], Code: form["code"],
	}, web.Client(c))
	if refusedChoice(err) {
		return s.showJoin(c, link, form["setup"], err)
	}
	if err != nil {
		return s.joinDead(c, err)
	}
	if t, err := s.Staff.Joined(ctx, link); err != nil { // the next page asks
		_ = c.Error(err)
	} else {
		s.Sessions.Put(ctx, joinedMember, t.ID)
		s.Sessions.Put(ctx, joinedState, t.State)
		web.Report(ctx, s.Sessions, sessionJoined, s.Now())
	}
	return web.SeeOther(c, "/support/joined")
}

// refusedChoice reports whether a form has to be corrected.
func refusedChoice(err error) bool {
	_, refused := errors.AsType[*reset.RefusedPassword](err)
	return refused || errors.Is(err, staff.ErrCode) || errors.Is(err, staff.ErrSetup)
}

// refuseChoice adds all problems of a choice to their fields.
func (s *support) refuseChoice(page *web.Page, why error) error {
	if refused, ok := errors.AsType[*reset.RefusedPassword](why); ok {
		if err := web.RefusePassword(page, s.Staff.Policy(), refused); err != nil {
			return err
		}
	}
	if errors.Is(why, staff.ErrSetup) {
		return page.Refuse("code", "problem_setup")
	}
	if errors.Is(why, staff.ErrCode) {
		return page.Refuse("code", "problem_code")
	}
	return nil
}

// joinDead shows why a link is dead, without the name of the member.
func (s *support) joinDead(c *gin.Context, why error) error {
	var reason string
	switch {
	case errors.Is(why, reset.ErrNoLink) && reset.Cut(c.Param("token")):
		reason = "incomplete"
	case errors.Is(why, reset.ErrNoLink):
		reason = "invalid"
	case errors.Is(why, reset.ErrUsed):
		reason = "used"
	case errors.Is(why, reset.ErrExpired):
		reason = "expired"
	case errors.Is(why, reset.ErrRevoked):
		reason = "revoked"
	default:
		return why
	}
	return s.Renderer.HTML(c, web.Status(why), "staff_join_dead.html", joinDeadView{s.Renderer.Page(c), reason})
}

// joined follows the use of a one-time link. Somebody may also have come by hand, or the
// member may have been changed since.
func (s *support) joined(c *gin.Context) error {
	ctx := c.Request.Context()
	_, err := s.Staff.Member(ctx, staff.Ticket{ID: s.Sessions.GetString(ctx, joinedMember), State: s.Sessions.GetString(ctx, joinedState)})
	if err != nil && !errors.Is(err, reset.ErrSignedOut) {
		return err
	}
	if err != nil || !web.Reports(ctx, s.Sessions, sessionJoined, s.Now()) {
		return s.Renderer.HTML(c, http.StatusOK, "staff_join_dead.html", joinDeadView{s.Renderer.Page(c), "unsure"})
	}
	return s.Renderer.HTML(c, http.StatusOK, "staff_joined.html", s.Renderer.Page(c))
}

// mountJoin adds the routes of one-time links.
func (s *support) mountJoin(r *web.Routes) {
	r.Show(JoinPath+":token", s.joinForm, limit.Shielded)
	r.Post(JoinPath+":token", s.join, limit.PerLink)
	r.Show("/support/joined", s.joined, limit.Free)
}
