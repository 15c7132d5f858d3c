package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/web"
)

// requestForm is the same page for everybody, and so is requestDone.
func (p *pages) requestForm() web.Handler {
	return p.Renderer.Same("password_reset_form.html", func(page web.Page) (any, error) { return requestView{Page: page}, nil })
}

func (p *pages) request(c *gin.Context) error {
	form, err := web.Form(c, []string{"email"})
	if err != nil {
		return err
	}
	ctx, client := c.Request.Context(), web.Client(c)
	address, err := reset.ParseAddress(form["email"])
	if err != nil {
		if err := p.Limits.Visit(ctx, limit.ForReset, client.IP); err != nil {
			return err
		}
		return p.formAgain(c, "password_reset_form.html", form["email"])
	}
	if err := p.Resets.Request(ctx, address, client, p.Renderer.Language(c)); err != nil {
		return err
	}
	p.forgetLink(c)
	return web.SeeOther(c, "/password-reset/done")
}

// formAgain shows a form with the typed address and its problem.
func (p *pages) formAgain(c *gin.Context, template, typed string) error {
	view := requestView{Page: p.Renderer.Page(c), Email: typed}
	if err := refuseAddress(&view.Page, typed); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, template, view)
}

func (p *pages) requestDone() web.Handler {
	return p.Renderer.Same("password_reset_done.html", func(page web.Page) (any, error) {
		lifetime, err := page.Duration(p.Resets.Lifetime())
		return doneView{Page: page, Lifetime: lifetime}, err
	})
}
