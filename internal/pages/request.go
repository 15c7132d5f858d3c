package pages

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

func (p *pages) requestForm(c *gin.Context) error {
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_form.html", requestView{Page: p.Renderer.Page(c)})
}

// minResponseTime is the minimum time until a request is answered. A known address
// costs the database some microseconds more. The delay hides this difference, and
// people do not notice it.
const minResponseTime = 10 * time.Millisecond

func (p *pages) request(c *gin.Context) error {
	answer := time.After(minResponseTime)
	form, err := web.Form(c, []string{"email"})
	if err != nil {
		return err
	}
	ctx, client := c.Request.Context(), web.Client(c)
	address, err := reset.ParseAddress(form["email"])
	if err != nil {
		if err := p.Limits.Visit(ctx, client.IP); err != nil {
			return err
		}
		return p.requestAgain(c, form["email"])
	}
	throttled, err := p.Limits.Request(ctx, client.IP, reset.Canonical(address.Typed))
	if err != nil {
		return err
	}
	if err := p.Resets.Request(ctx, address, client, throttled); err != nil {
		return err
	}
	<-answer
	return web.SeeOther(c, "/password-reset/done")
}

// requestAgain shows the form with the typed address and its problem.
func (p *pages) requestAgain(c *gin.Context, typed string) error {
	view := requestView{Page: p.Renderer.Page(c), Email: typed}
	if err := refuseAddress(&view.Page, typed); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "password_reset_form.html", view)
}

func (p *pages) requestDone(c *gin.Context) error {
	page := p.Renderer.Page(c)
	lifetime, err := page.Duration(p.Resets.Lifetime())
	if err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusOK, "password_reset_done.html", doneView{Page: page, Lifetime: lifetime})
}
