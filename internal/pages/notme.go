package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// notMeForm only shows a form: mail scanners send GET requests, so GET must have no
// effect.
func (p *pages) notMeForm(c *gin.Context) error {
	c.Header("Referrer-Policy", "same-origin")
	denial, err := p.Resets.VerifyDenial(c.Param("token"))
	if err != nil {
		return p.deadLink(c, err)
	}
	if err := p.Resets.Deniable(c.Request.Context(), denial); err != nil {
		return p.deadDenial(c, err)
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_not_me.html", p.notMeView(c, denial))
}

// deadDenial shows why a "this wasn't me" does nothing.
func (p *pages) deadDenial(c *gin.Context, why error) error {
	switch {
	case errors.Is(why, reset.ErrUsed):
		return p.invalid(c, web.Status(why), "denied_used")
	case errors.Is(why, reset.ErrExpired):
		return p.invalid(c, web.Status(why), "denied_expired")
	default:
		return p.deadLink(c, why)
	}
}

// notMe acts only if the box is ticked. Some scanners press buttons.
func (p *pages) notMe(c *gin.Context) error {
	form, err := web.Form(c, nil, "sure")
	if err != nil {
		return err
	}
	denial, err := p.Resets.VerifyDenial(c.Param("token"))
	if err != nil {
		return p.deadLink(c, err)
	}
	ctx := c.Request.Context()
	if err := p.Limits.ChargeLink(ctx, notMeTries(denial.ID)); err != nil {
		return err
	}
	view := p.notMeView(c, denial)
	if form["sure"] == "" {
		if err := view.Refuse("sure", "problem_sure"); err != nil {
			return err
		}
		return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "password_reset_not_me.html", view)
	}
	view.Rescue, err = p.Resets.Deny(ctx, denial, web.Client(c))
	if err != nil {
		return p.deadDenial(c, err)
	}
	view.Done = true
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_not_me.html", view)
}

// notMeTries names the counter of a denial: whoever uses up the tries of a link must not
// keep its owner from ending it.
type notMeTries reset.ID

func (id notMeTries) String() string { return "not me " + reset.ID(id).String() }

func (p *pages) notMeView(c *gin.Context, d reset.Denial) notMeView {
	return notMeView{Page: p.Renderer.Page(c), Token: reset.Clean(c.Param("token")), Change: d.Purpose == reset.PurposeNotMyChange}
}
