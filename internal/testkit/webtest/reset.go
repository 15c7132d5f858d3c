package webtest

import "net/http"

// Request requests a link to reset the password of an address.
func (b *Browser) Request(email string) Page {
	b.t.Helper()
	return b.Post("/password-reset", "email", email)
}

// OpenLink opens the link of an email and returns its form.
func (b *Browser) OpenLink(link string) Page {
	b.t.Helper()
	b.Get(link).To("/password-reset/confirm")
	return b.Get("/password-reset/confirm").Is(http.StatusOK)
}

// Choose sends the form of an opened link, with a password and its repetition.
func (b *Browser) Choose(form Page, plain, again string) Page {
	b.t.Helper()
	return b.Post("/password-reset/confirm", "reset", form.Field("reset"), "new_password", plain, "confirm_password", again)
}

// Use opens a link and sets a password.
func (b *Browser) Use(link, plain string) Page {
	b.t.Helper()
	return b.Choose(b.OpenLink(link), plain, plain)
}

// Deny ticks the box of a "this wasn't me" page and presses its button.
func (b *Browser) Deny(link string) Page { b.t.Helper(); return b.Post(link, "sure", "yes") }
