package pages

import (
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
	form, err := web.Form(c, []string{"old_password", "new_password", "confirm_password"}, "username")
	if err != nil {
		return err
	}
	a, err := p.account(c)
	if errors.Is(err, reset.ErrSignedOut) {
		return p.changedBefore(c, form)
	}
	if err != nil {
		return err
	}
	if named := form["username"]; named != "" && reset.Normal(named) != reset.Normal(a.Email) {
		return p.changeOfAnother(c, a)
	}
	ctx := c.Request.Context()
	attempt, err := p.chargeSignIn(c, a.Email) // guesses here and at the sign-in count together
	if err == nil {
		err = attempt.Reached()
	}
	if err != nil {
		return err
	}
	changed, err := p.Resets.Change(ctx, a.ID, form["old_password"], form["new_password"], form["confirm_password"], web.Client(c))
	if refused, ok := errors.AsType[*reset.RefusedPassword](err); ok {
		return p.changeRefused(c, a, form, attempt, refused)
	}
	if err := attempt.Refund(ctx); err != nil {
		return err
	}
	if errors.Is(err, reset.ErrSignedOut) {
		return p.changedBefore(c, form)
	}
	if err != nil {
		return err
	}
	return p.changed(c, changed)
}

// changeRefused shows the form again, or answers a form that was sent twice like the first.
// Only a wrong current password counts as a failure.
func (p *pages) changeRefused(c *gin.Context, a reset.Account, form map[string]string, attempt limit.Attempt, refused *reset.RefusedPassword) error {
	again, now, err := false, reset.Account{}, error(nil)
	if refused.WrongCurrent {
		again, now, err = p.justChanged(c, a, form["new_password"])
	}
	switch {
	case err != nil:
		return err
	case refused.WrongCurrent && !again:
		err = p.failed(c, a, reset.EventWrongPassword, attempt)
	default:
		err = attempt.Refund(c.Request.Context())
	}
	if err != nil {
		return err
	}
	if again {
		return p.changed(c, now)
	}
	if _, err := p.account(c); errors.Is(err, reset.ErrSignedOut) { // the same form was first
		return p.changedBefore(c, form)
	}
	return p.changeAgain(c, a, refused)
}

// justChanged reports whether this client has just set this password, with the form that is
// sent a second time: a slow line leaves time for another click when the first answer has
// already begun a new session. It returns the account as it is then: it may have been read
// before the first form changed it.
func (p *pages) justChanged(c *gin.Context, a reset.Account, plain string) (bool, reset.Account, error) {
	ctx := c.Request.Context()
	changed, err := p.Resets.JustChanged(ctx, a, web.Client(c))
	if err != nil || !changed {
		return false, a, err
	}
	a, _, err = p.SignIn.SignIn(ctx, a.Email, plain)
	if errors.Is(err, reset.ErrCredentials) {
		return false, a, nil
	}
	return err == nil, a, err
}

// changeOfAnother answers a form that was shown before somebody signed in to another
// account in this browser.
func (p *pages) changeOfAnother(c *gin.Context, a reset.Account) error {
	view := p.changeView(c, a)
	if err := view.Refuse("old_password", "problem_other_account", "Email", a.Email); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "password_change_form.html", view)
}

// changedBefore answers a form that was sent twice: the first one ended the session of
// the second. The new password signs in, like on the page to sign in, if this client
// has set it just now.
func (p *pages) changedBefore(c *gin.Context, form map[string]string) error {
	if form["username"] == "" {
		return reset.ErrSignedOut
	}
	ctx, client := c.Request.Context(), web.Client(c)
	attempt, err := p.chargeSignIn(c, form["username"])
	if err != nil {
		return err
	}
	a, err := p.signIn(c, attempt, form["username"], form["new_password"])
	if errors.Is(err, reset.ErrCredentials) {
		return reset.ErrSignedOut
	}
	if err := errors.Join(err, attempt.Refund(ctx)); err != nil {
		return err
	}
	switch changed, err := p.Resets.JustChanged(ctx, a, client); {
	case err != nil:
		return err
	case !changed:
		return reset.ErrSignedOut
	}
	return p.changed(c, a)
}

// changed begins a new session for this browser, and marks it again: the change ended all
// others.
func (p *pages) changed(c *gin.Context, a reset.Account) error {
	if err := p.begin(c, a); err != nil {
		return err
	}
	p.know(c, a)
	web.Report(c.Request.Context(), p.Sessions, sessionChanged, p.Now())
	return web.SeeOther(c, "/password-change/done")
}

func (p *pages) changeAgain(c *gin.Context, a reset.Account, refused *reset.RefusedPassword) error {
	view := p.changeView(c, a)
	if err := web.RefusePassword(&view.Page, p.Resets.Policy(), refused); err != nil {
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
	if !web.Reports(c.Request.Context(), p.Sessions, sessionChanged, p.Now()) {
		return web.SeeOther(c, "/password-change")
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_change_done.html", p.Renderer.Page(c))
}
