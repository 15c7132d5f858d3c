package pages

import (
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/users"
	"resetd/internal/web"
)

// maxName is the maximum length of an account's name, in code points.
const maxName = 100

func (p *pages) signUpForm(c *gin.Context) error {
	return p.Renderer.HTML(c, http.StatusOK, "signup.html", p.signUpView(c, "", ""))
}

func (p *pages) signUpView(c *gin.Context, email, name string) signUpView {
	return signUpView{Page: p.Renderer.Page(c), Email: email, Name: name, MinLength: p.Resets.Policy().MinLength}
}

func (p *pages) signUp(c *gin.Context) error {
	fields, err := web.Form(c, []string{"email", "name", "password", "confirm_password"})
	if err != nil {
		return err
	}
	ctx, client := c.Request.Context(), web.Client(c)
	view := p.signUpView(c, fields["email"], fields["name"])
	form, err := p.readSignUp(&view.Page, fields)
	if err != nil {
		return err
	}
	if len(view.Errors) > 0 {
		if err := p.Limits.Visit(ctx, client.IP); err != nil {
			return err
		}
		return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "signup.html", view)
	}
	throttled, err := p.Limits.SignUp(ctx, client.IP, reset.Canonical(form.Address.Typed))
	if err != nil {
		return err
	}
	err = p.SignUp.Request(ctx, form, client, throttled)
	if refused, ok := errors.AsType[*reset.RefusedPassword](err); ok {
		if err := refuseNew(&view.Page, p.Resets.Policy(), "password", refused.Problems); err != nil {
			return err
		}
		return p.Renderer.HTML(c, http.StatusUnprocessableEntity, "signup.html", view)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, "/signup/done")
}

// readSignUp parses the fields and adds all their problems to the page.
func (p *pages) readSignUp(page *web.Page, fields map[string]string) (users.SignUpForm, error) {
	address, err := reset.ParseAddress(fields["email"])
	if _, unsendable := reset.Mailbox(address.Typed); err != nil || unsendable != nil {
		if err := refuseAddress(page, fields["email"]); err != nil {
			return users.SignUpForm{}, err
		}
	}
	form := users.SignUpForm{
		Address: address, Name: strings.TrimSpace(fields["name"]), Plain: fields["password"], Again: fields["confirm_password"],
	}
	if utf8.RuneCountInString(form.Name) > maxName || strings.ContainsFunc(form.Name, unicode.IsControl) {
		if err := page.Refuse("name", "problem_name", "Most", maxName); err != nil {
			return users.SignUpForm{}, err
		}
	}
	return form, refuseNew(page, p.Resets.Policy(), "password", p.SignUp.Check(form))
}

func (p *pages) signUpDone(c *gin.Context) error {
	page := p.Renderer.Page(c)
	lifetime, err := page.Duration(reset.SignUpLifetime)
	if err != nil {
		return err
	}
	return p.Renderer.HTML(c, http.StatusOK, "signup_done.html", doneView{Page: page, Lifetime: lifetime})
}
