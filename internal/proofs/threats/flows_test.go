package threats

import (
	"net/http"

	"resetd/internal/testkit/webtest"
)

// The actions of people on the pages.

// browser is a browser at the service.
type browser struct {
	*service
	*webtest.Browser
}

type page = webtest.Page

func (s *service) browser() *browser { return &browser{s, webtest.New(s.T, s.program.URL)} }

// With sets a header for all further requests.
func (b *browser) With(name, value string) *browser {
	b.Browser.With(name, value)
	return b
}

// from returns a browser with another IP address, behind a trusted proxy.
func (s *service) from(ip string) *browser { return s.browser().With("X-Forwarded-For", ip) }

func (b *browser) login(email, plain string) page {
	b.Helper()
	return b.Post("/login", "email", email, "password", plain)
}

// finish follows a link and sets a password.
func (b *browser) finish(link, plain string) {
	b.Helper()
	b.Use(link, plain).To("/password-reset/complete")
}

func (b *browser) change(old, plain string) page {
	b.Helper()
	return b.Post("/password-change", "old_password", old, "new_password", plain, "confirm_password", plain)
}

// wantPassword checks that the right password signs in and the wrong ones do not.
func (s *service) wantPassword(email, right string, wrong ...string) {
	s.Helper()
	s.browser().login(email, right).To("/login")
	for _, plain := range wrong {
		s.browser().login(email, plain).Is(http.StatusUnprocessableEntity)
	}
}
