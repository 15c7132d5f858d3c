package pages

import (
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/users"
	"resetd/internal/web"
)

// maxName is the maximum length of an account's name, in code points.
const maxName = 100

// signUpConfirmForm asks for the name and the password. GET has no effect, because
// mail scanners follow links.
func (p *pages) signUpConfirmForm(c *gin.Context) error {
	c.Header("Referrer-Policy", "same-origin")
	id, err := p.SignUp.Verify(c.Param("token"))
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	up, err := p.SignUp.Show(c.Request.Context(), id)
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	return p.Renderer.HTML(c, http.StatusOK, "signup_confirm.html", p.signUpConfirmView(c, up))
}

func (p *pages) signUpConfirmView(c *gin.Context, up users.SignUp) signUpConfirmView {
	return signUpConfirmView{
		Page: p.Renderer.Page(c), Token: reset.Clean(c.Param("token")), Username: up.Email, MinLength: p.Resets.Policy().MinLength,
	}
}

func (p *pages) signUpConfirm(c *gin.Context) error {
	c.Header("Referrer-Policy", "same-origin")
	form, err := web.Form(c, []string{"name", "new_password", "confirm_password"})
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	id, err := p.SignUp.Verify(c.Param("token"))
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	if err := p.Limits.ChargeLink(ctx, id); err != nil {
		return err
	}
	chosen := users.Choice{Name: strings.TrimSpace(form["name"]), Plain: form["new_password"], Again: form["confirm_password"]}
	if !presentable(chosen.Name) {
		return p.signUpConfirmAgain(c, id, chosen, nil)
	}
	err = p.SignUp.Confirm(ctx, id, chosen, web.Client(c))
	if refused, ok := errors.AsType[*reset.RefusedPassword](err); ok {
		return p.signUpConfirmAgain(c, id, chosen, refused)
	}
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	if err := p.renew(c); err != nil { // the next page leads to the sign-in, which must not be somebody else's
		return err
	}
	if a, err := p.SignUp.Created(ctx, id); err != nil { // the next page asks
		_ = c.Error(err)
	} else {
		p.keep(c, a, createdUser, createdState)
		web.Report(ctx, p.Sessions, sessionCreated, p.Now())
	}
	return web.SeeOther(c, "/signup/complete")
}

// presentable reports whether a name can be shown: not too long, and one line.
func presentable(name string) bool {
	return utf8.RuneCountInString(name) <= maxName && !strings.ContainsFunc(name, unicode.IsControl)
}

// signUpConfirmAgain shows the form with all problems, or the page of a dead link. If
// refused is nil, the password was not checked yet.
func (p *pages) signUpConfirmAgain(c *gin.Context, id reset.ID, chosen users.Choice, refused *reset.RefusedPassword) error {
	up, err := p.SignUp.Show(c.Request.Context(), id)
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	view := p.signUpConfirmView(c, up)
	view.Name = chosen.Name
	if !presentable(chosen.Name) {
		if err := view.Refuse("name", "problem_name", "Most", maxName); err != nil {
			return err
		}
	}
	if refused == nil {
		refused = &reset.RefusedPassword{Problems: p.SignUp.Check(up, chosen)}
	}
	if err := web.RefusePassword(&view.Page, p.Resets.Policy(), refused); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "signup_confirm.html", view)
}

// signUpInvalid shows why a link is dead, without the address.
func (p *pages) signUpInvalid(c *gin.Context, why error) error {
	status, reason := web.Status(why), reasonOf(c, why)
	switch {
	case errors.Is(why, users.ErrExists):
		status, reason = http.StatusConflict, "exists"
	case errors.Is(why, reset.ErrGone): // sign-ups are removed soon after they expire
		status = http.StatusGone
	case errors.Is(why, users.ErrOutdated):
		status, reason = http.StatusGone, "outdated"
	}
	if reason == "" {
		return why
	}
	return p.signUpDead(c, status, reason)
}

func (p *pages) signUpDead(c *gin.Context, status int, reason string) error {
	return p.Renderer.HTML(c, status, "signup_invalid.html", invalidView{Page: p.Renderer.Page(c), Reason: reason})
}

// signUpComplete follows the creation of an account. Somebody may also have come by hand,
// or with a browser that keeps no cookies, or the account may have been closed since.
func (p *pages) signUpComplete(c *gin.Context) error {
	_, err := p.kept(c, createdUser, createdState)
	if err != nil && !errors.Is(err, reset.ErrSignedOut) {
		return err
	}
	if err != nil || !web.Reports(c.Request.Context(), p.Sessions, sessionCreated, p.Now()) {
		return p.signUpDead(c, http.StatusNotFound, "no_cookie")
	}
	return p.Renderer.HTML(c, http.StatusOK, "signup_complete.html",
		completeView{Page: p.Renderer.Page(c), LoginURL: p.LoginURL})
}
