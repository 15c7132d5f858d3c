package pages

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/web"
)

func (p *pages) confirmForm(c *gin.Context) error {
	id, err := p.linkOf(c)
	if errors.Is(err, errNoCookie) && p.hasCompleted(c) { // back from the next page
		return p.invalid(c, http.StatusNotFound, "just_set")
	}
	if err != nil {
		return p.deadLink(c, err)
	}
	link, err := p.Resets.Show(c.Request.Context(), id)
	if err != nil {
		return p.deadLink(c, err)
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_confirm.html", p.confirmView(c, link))
}

func (p *pages) confirmView(c *gin.Context, link reset.Link) confirmView {
	name := link.Account.Name
	if name == "" {
		name = link.Account.Email
	}
	return confirmView{
		Page: p.Renderer.Page(c), Reset: link.Reset.ID.String(), Account: name, Username: link.Account.Email,
		MinLength: p.Resets.Policy().MinLength,
	}
}

func (p *pages) confirm(c *gin.Context) error {
	form, err := web.Form(c, []string{"reset", "new_password", "confirm_password"})
	if err != nil {
		return err
	}
	id, err := p.linkOf(c)
	if errors.Is(err, errNoCookie) {
		return p.confirmWithoutCookie(c, form)
	}
	if err != nil {
		return p.deadLink(c, err)
	}
	switch same, err := p.sameAccount(c, id, form["reset"]); {
	case err != nil:
		return err
	case !same:
		return p.invalid(c, http.StatusConflict, "other_link")
	}
	if err := p.Limits.ChargeLink(c.Request.Context(), id); err != nil {
		return p.triedTooOften(c, id, err)
	}
	err = p.Resets.Use(c.Request.Context(), id, form["new_password"], form["confirm_password"], web.Client(c))
	if err != nil {
		return p.confirmAgain(c, id, err)
	}
	if err := p.signOut(c); err != nil {
		return err
	}
	p.knowOwner(c, id)
	return p.completed(c, id)
}

// knowOwner gives the browser that used a link its own count of failed sign-ins, so that a
// stranger's failures do not lock its owner out before the first sign-in. The password is
// set, so a failure does not become the answer.
func (p *pages) knowOwner(c *gin.Context, id reset.ID) {
	if p.SignIn == nil {
		return
	}
	a, err := p.Resets.Owner(c.Request.Context(), id)
	if err != nil {
		_ = c.Error(err)
		return
	}
	p.know(c, a)
}

// confirmWithoutCookie answers a form that was sent twice: the answer to the first one
// has removed the cookie. It can't set a password, because the link is used.
func (p *pages) confirmWithoutCookie(c *gin.Context, form map[string]string) error {
	ctx, client := c.Request.Context(), web.Client(c)
	id, _ := uuid.Parse(form["reset"]) // no reset has the zero id
	switch used, err := p.Resets.JustUsed(ctx, id, client); {
	case err != nil:
		return err
	case !used:
		return p.deadLink(c, errNoCookie)
	}
	if err := p.Limits.ChargeLink(ctx, id); err != nil {
		return p.triedTooOften(c, id, err)
	}
	if err := p.Resets.Use(ctx, id, form["new_password"], form["confirm_password"], client); err != nil {
		return p.deadLink(c, err)
	}
	return p.completed(c, id)
}

// sameAccount reports whether a form belongs to the account of the link that this
// browser followed last. The form must not change the password of another account.
func (p *pages) sameAccount(c *gin.Context, id reset.ID, form string) (bool, error) {
	if form == id.String() {
		return true, nil
	}
	other, err := uuid.Parse(form)
	if err != nil || other.String() != form {
		return false, nil //nolint:nilerr // it is no reset's form
	}
	return p.Resets.SameAccount(c.Request.Context(), id, other)
}

// confirmAgain shows the form with all problems of the password, or the page of a
// dead link.
func (p *pages) confirmAgain(c *gin.Context, id reset.ID, why error) error {
	refused, ok := errors.AsType[*reset.RefusedPassword](why)
	if !ok {
		return p.deadLink(c, why)
	}
	link, err := p.Resets.Show(c.Request.Context(), id)
	if err != nil {
		return p.deadLink(c, err)
	}
	view := p.confirmView(c, link)
	if err := web.RefusePassword(&view.Page, p.Resets.Policy(), refused); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "password_reset_confirm.html", view)
}

const (
	completeCookie = "resetd_complete" // a password was set in this browser just now
)

// completed replaces the link's cookie by one that lets the next page state that a password
// was set, as long as the account has it. If the account can't be read, that page asks.
func (p *pages) completed(c *gin.Context, id reset.ID) error {
	p.setLinkCookie(c, "", -1)
	if set, err := p.Resets.PasswordOf(c.Request.Context(), id); err != nil {
		_ = c.Error(err) // also of an account that was closed in between
	} else {
		web.SetCookie(c, completeCookie, id.String()+"."+set, p.HTTPS, int(web.ReportTime.Seconds()))
	}
	return web.SeeOther(c, "/password-reset/complete")
}

// complete follows the use of a link, which has signed this browser out. Somebody who
// is signed in has come here by another way, and so has a browser without the cookie.
func (p *pages) complete(c *gin.Context) error {
	if p.SignIn != nil {
		switch _, err := p.account(c); {
		case err == nil:
			return web.SeeOther(c, "/login")
		case !errors.Is(err, reset.ErrSignedOut):
			return err
		}
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_complete.html",
		completeView{Page: p.Renderer.Page(c), LoginURL: p.LoginURL, Set: p.hasCompleted(c)})
}

// hasCompleted reports whether a password was set in this browser just now, and is known not
// to have ended or changed since, as by "this wasn't me", and its account not to be closed.
func (p *pages) hasCompleted(c *gin.Context) bool {
	cookie, _ := c.Cookie(web.CookieName(completeCookie, p.HTTPS))
	first, set, _ := strings.Cut(cookie, ".")
	id, err := uuid.Parse(first)
	if err != nil {
		return false
	}
	present, err := p.Resets.PasswordOf(c.Request.Context(), id)
	if err != nil && !errors.Is(err, reset.ErrNotFound) {
		_ = c.Error(err)
	}
	return err == nil && present == set
}
