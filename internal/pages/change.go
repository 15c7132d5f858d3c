package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/web"
)

func (p *pages) changeForm(c *gin.Context) error {
	a, err := p.account(c)
	if errors.Is(err, reset.ErrSignedOut) {
		return web.SeeOther(c, "/login?next=/password-change")
	}
	if err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_change_form.html", p.changeView(c, a))
}

func (p *pages) changeView(c *gin.Context, a reset.Account) changeView {
	return changeView{Page: p.Renderer.Page(c), Username: a.Email, MinLength: p.Resets.Policy().MinLength}
}

func (p *pages) change(c *gin.Context) error {
	form, err := web.Form(c, []string{"old_password", "new_password", "confirm_password"})
	if err != nil {
		return err
	}
	a, err := p.account(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	own := limit.User(reset.Canonical(a.Email)) // guesses here and at the sign-in count together
	attempt, err := p.Limits.SignIn(ctx, web.Client(c).IP, own, p.Known.ID(c, own))
	if err != nil {
		return err
	}
	changed, err := p.Resets.Change(ctx, a.ID, form["old_password"], form["new_password"], form["confirm_password"], web.Client(c))
	refused, ok := errors.AsType[*reset.RefusedPassword](err)
	settle := attempt.Refund
	if ok && refused.WrongCurrent { // only a wrong current password counts
		settle = func(context.Context) error { return p.failed(c, a, reset.EventWrongPassword, attempt) }
	}
	if err := settle(ctx); err != nil {
		return err
	}
	if ok {
		return p.changeAgain(c, a, refused)
	}
	if err != nil {
		return err
	}
	// The change ended all sessions. This browser gets a new one.
	if err := p.begin(c, changed); err != nil {
		return err
	}
	return web.SeeOther(c, "/password-change/done")
}

func (p *pages) changeAgain(c *gin.Context, a reset.Account, refused *reset.RefusedPassword) error {
	view := p.changeView(c, a)
	if err := refusePassword(&view.Page, p.Resets.Policy(), refused); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "password_change_form.html", view)
}

func (p *pages) changeDone(c *gin.Context) error {
	if _, err := p.account(c); err != nil {
		if errors.Is(err, reset.ErrSignedOut) {
			return web.SeeOther(c, "/login?next=/password-change")
		}
		return err
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_change_done.html", p.Renderer.Page(c))
}
