package threats

import (
	"net/http"
	"net/url"
	"strings"
)

// The actions of people on the pages.

func (b *browser) request(email string) page {
	b.Helper()
	return b.post("/password-reset", "email", email)
}

func (b *browser) login(email, plain string) page {
	b.Helper()
	return b.post("/login", "email", email, "password", plain)
}

// open follows a link of a mail to its form.
func (b *browser) open(link string) page {
	b.Helper()
	b.get(link).to("/password-reset/confirm")
	return b.get("/password-reset/confirm").is(http.StatusOK)
}

// choose sends the form of an opened link.
func (b *browser) choose(form page, plain, again string) page {
	b.Helper()
	return b.post("/password-reset/confirm", "reset", form.field("reset"), "new_password", plain, "confirm_password", again)
}

// finish follows a link and sets a password.
func (b *browser) finish(link, plain string) {
	b.Helper()
	b.choose(b.open(link), plain, plain).to("/password-reset/complete")
}

func (b *browser) change(old, plain string) page {
	b.Helper()
	return b.post("/password-change", "old_password", old, "new_password", plain, "confirm_password", plain)
}

// cookie returns the value of one of the browser's cookies.
func (b *browser) cookie(name string) string {
	b.Helper()
	at, err := url.Parse(b.url)
	b.must(err)
	for _, c := range b.client.Jar.Cookies(at) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// wantPassword checks that the right password signs in and the wrong ones do not.
func (s *service) wantPassword(email, right string, wrong ...string) {
	s.Helper()
	s.browser().login(email, right).to("/login")
	for _, plain := range wrong {
		s.browser().login(email, plain).is(http.StatusUnprocessableEntity)
	}
}

// sameAs checks that two answers have the same bytes except for the time, the request's
// id, and the texts hidden and otherHidden that the visitors typed.
func (p page) sameAs(other page, what, hidden, otherHidden string) {
	p.Helper()
	if a, b := p.essence(hidden), other.essence(otherHidden); a != b {
		p.Errorf("%s: the answer differs:\n%s\n\nfirst answer:\n%s", what, a, b)
	}
}

func (p page) essence(hidden string) string {
	header := p.header.Clone()
	id := header.Get("X-Request-Id")
	header.Del("X-Request-Id")
	header.Del("Date")
	if hidden != "" {
		header.Del("Content-Length")
	}
	var b strings.Builder
	_, _ = b.WriteString(http.StatusText(p.status) + "\n")
	_ = header.Write(&b)
	for _, own := range []string{id, hidden} {
		if own != "" {
			p.body = strings.ReplaceAll(p.body, own, "…")
		}
	}
	return b.String() + p.body
}
