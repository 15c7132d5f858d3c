package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/web"
)

func (p *pages) signUpForm(c *gin.Context) error {
	return p.Renderer.HTML(c, http.StatusOK, "signup.html", requestView{Page: p.Renderer.Page(c)})
}

// signUp looks nothing up, like request.
func (p *pages) signUp(c *gin.Context) error {
	form, err := web.Form(c, []string{"email"})
	if err != nil {
		return err
	}
	ctx, client := c.Request.Context(), web.Client(c)
	address, err := reset.ParseAddress(reset.AddressIn(form["email"]))
	if err == nil {
		_, err = reset.Mailbox(address.Typed) // no email can be sent to some addresses
	}
	if err == nil && reset.Visible(address.Typed) != address.Typed {
		err = reset.ErrAddress // its owner could never type it again
	}
	if err != nil {
		if err := p.Limits.ChargeVisitor(ctx, limit.ForSignUp, client.IP); err != nil {
			return err
		}
		return p.signUpAgain(c, form["email"])
	}
	if err := p.SignUp.Request(ctx, address, client, p.Renderer.Language(c)); err != nil {
		return err
	}
	p.Sessions.Remove(ctx, sessionCreated) // perhaps by somebody else, who used this computer before
	return web.SeeOther(c, "/signup/done")
}

// signUpAgain shows the form with the typed address and its problem. Invisible characters
// are removed, because nobody could find them.
func (p *pages) signUpAgain(c *gin.Context, typed string) error {
	visible := reset.Visible(typed)
	view := requestView{Page: p.Renderer.Page(c), Email: visible}
	refuse := refuseAddress
	if _, err := reset.ParseAddress(visible); err == nil && visible != typed {
		refuse = func(page *web.Page, _ string) error { return page.Refuse("email", "problem_address_invisible") }
	}
	if err := refuse(&view.Page, typed); err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "signup.html", view)
}

func (p *pages) signUpDone(c *gin.Context) error {
	page := p.Renderer.Page(c)
	lifetime, err := page.Duration(reset.SignUpLifetime)
	if err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusOK, "signup_done.html", doneView{Page: page, Lifetime: lifetime})
}
