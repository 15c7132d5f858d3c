package pages

import (
	"net/http"
	"strings"
	"time"

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
	address, err := p.asked(form["email"])
	if err != nil {
		if err := p.Limits.ChargeVisitor(ctx, limit.ForReset, client.IP); err != nil {
			return err
		}
		view := requestView{Page: p.Renderer.Page(c), Email: form["email"]}
		if err := p.refuseAsked(&view.Page, form["email"]); err != nil {
			return err
		}
		return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "password_reset_form.html", view)
	}
	if err := p.Resets.Request(ctx, address, client, p.Renderer.Language(c)); err != nil {
		return err
	}
	p.forgetLink(c)
	return web.SeeOther(c, "/password-reset/done")
}

// asked parses an address or, if names are allowed, a name.
func (p *pages) asked(typed string) (reset.Address, error) {
	if p.Names && !strings.Contains(reset.Trim(typed), "@") {
		return reset.ParseName(typed)
	}
	return reset.ParseAddress(reset.AddressIn(typed))
}

func (p *pages) refuseAsked(page *web.Page, typed string) error {
	switch {
	case !p.Names:
		return refuseAddress(page, typed)
	case strings.TrimSpace(typed) == "":
		return page.Refuse("email", "problem_asked_blank")
	default:
		return page.Refuse("email", "problem_asked")
	}
}

func (p *pages) requestDone() web.Handler {
	return p.Renderer.Same("password_reset_done.html", func(page web.Page) (any, error) {
		lifetime, err := page.Duration(p.Resets.Lifetime().Truncate(time.Minute)) // not longer than the link works
		return doneView{Page: page, Lifetime: lifetime}, err
	})
}

func refuseAddress(page *web.Page, typed string) error {
	if reset.Trim(typed) == "" {
		return page.Refuse("email", "problem_address_blank")
	}
	if len(reset.Trim(typed)) > reset.MaxAddress {
		return page.Refuse("email", "problem_address_long")
	}
	return page.Refuse("email", "problem_address")
}
