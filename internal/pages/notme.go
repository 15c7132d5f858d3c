package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// notMeForm only shows a button: mail scanners send GET requests, so GET must have
// no effect.
func (p *pages) notMeForm(c *gin.Context) error {
	c.Header("Referrer-Policy", "same-origin")
	denial, err := p.Resets.VerifyDenial(c.Param("token"))
	if err != nil {
		return p.deadLink(c, err)
	}
	return p.notMePage(c, denial, false)
}

func (p *pages) notMe(c *gin.Context) error {
	denial, err := p.Resets.VerifyDenial(c.Param("token"))
	if err != nil {
		return p.deadLink(c, err)
	}
	ctx := c.Request.Context()
	if err := p.Limits.Link(ctx, denial.ID); err != nil {
		return err
	}
	if err := p.Resets.Deny(ctx, denial, web.Client(c)); err != nil {
		return p.deadLink(c, err)
	}
	return p.notMePage(c, denial, true)
}

func (p *pages) notMePage(c *gin.Context, d reset.Denial, done bool) error {
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_not_me.html", notMeView{
		Page: p.Renderer.Page(c), Token: c.Param("token"), Change: d.Purpose == reset.PurposeNotMyChange, Done: done,
	})
}
