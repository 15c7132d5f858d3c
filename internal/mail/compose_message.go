package mail

import (
	"io"
	netmail "net/mail"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

// rendered is the three texts of an email.
type rendered struct{ subject, text, html string }

// message adds headers to the texts. latest returns the texts when they are sent. The headers
// reveal neither the machine's name nor the program and its version.
func (c *Composer) message(d reset.Delivery, to string, v *view, latest func() (rendered, error)) *gomail.Msg {
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP),
		gomail.WithNoDefaultUserAgent())
	// The addresses are structs and not text that is parsed again: a comma in the
	// site's name must not create a second sender.
	m.FromMailAddress(&netmail.Address{Name: c.site.Name, Address: c.site.From})
	if c.site.Bounces != nil && d.Kind != "" {
		if sender := c.site.Bounces(d.ID); sender != "" {
			m.EnvelopeFromMailAddress(&netmail.Address{Address: sender})
		}
	}
	m.ToMailAddress(&netmail.Address{Address: to})
	if c.site.ReplyTo != "" {
		m.ReplyToMailAddress(&netmail.Address{Address: c.site.ReplyTo})
	}
	m.Subject(v.Subject)
	m.SetMessageIDWithValue(d.ID.String() + "@" + c.domain)
	m.SetDateWithValue(d.CreatedAt.UTC()) // when it became due, the same for each attempt
	m.SetGenHeader("Content-Language", v.Language)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5
	m.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	m.SetBodyWriter(gomail.TypeTextPlain, late(latest, func(r rendered) string { return r.text }))
	m.AddAlternativeWriter(gomail.TypeTextHTML, late(latest, func(r rendered) string { return r.html }))
	return m
}

// late returns a function that writes one of the texts.
func late(latest func() (rendered, error), of func(rendered) string) func(io.Writer) (int64, error) {
	return func(w io.Writer) (int64, error) {
		r, err := latest()
		if err != nil {
			return 0, err
		}
		n, err := io.WriteString(w, of(r))
		return int64(n), err
	}
}
