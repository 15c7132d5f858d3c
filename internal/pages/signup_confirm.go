package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/users"
	"resetd/internal/web"
)

// signUpConfirmForm only shows a button: mail scanners send GET requests, so GET
// must have no effect.
func (p *pages) signUpConfirmForm(c *gin.Context) error {
	c.Header("Referrer-Policy", "same-origin")
	id, err := p.SignUp.Verify(c.Param("token"))
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	waiting, err := p.SignUp.Show(c.Request.Context(), id)
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	return p.Renderer.HTML(c, http.StatusOK, "signup_confirm.html", signUpConfirmView{
		Page: p.Renderer.Page(c), Token: c.Param("token"), Account: waiting.Email,
	})
}

func (p *pages) signUpConfirm(c *gin.Context) error {
	ctx := c.Request.Context()
	id, err := p.SignUp.Verify(c.Param("token"))
	if err != nil {
		return p.signUpInvalid(c, err)
	}
	if err := p.Limits.Link(ctx, id); err != nil {
		return err
	}
	if err := p.SignUp.Confirm(ctx, id, web.Client(c)); err != nil {
		return p.signUpInvalid(c, err)
	}
	return web.SeeOther(c, "/signup/complete")
}

// signUpInvalid shows why a link is dead, without the address.
func (p *pages) signUpInvalid(c *gin.Context, why error) error {
	status, reason := web.Status(why), reasonOf(why)
	if errors.Is(why, users.ErrExists) {
		status, reason = http.StatusConflict, "exists"
	}
	if reason == "" {
		return why
	}
	return p.Renderer.HTML(c, status, "signup_invalid.html", invalidView{Page: p.Renderer.Page(c), Reason: reason})
}

func (p *pages) signUpComplete(c *gin.Context) error {
	return p.Renderer.HTML(c, http.StatusOK, "signup_complete.html",
		completeView{Page: p.Renderer.Page(c), LoginURL: p.LoginURL})
}
