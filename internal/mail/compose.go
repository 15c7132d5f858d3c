package mail

import (
	"errors"
	"fmt"
	"io/fs"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
	"resetd/internal/words"
)

// Site holds the settings of the site that all emails use.
type Site struct {
	Name    string // shown as the sender and in the text
	BaseURL string // of all links, without a trailing slash
	From    string // an address without a name
	ReplyTo string // an address without a name, which support reads; may be empty

	SignsOut bool // a reset ends all sessions of its account

	// Bounces returns the envelope sender of a delivery, where the email returns to if
	// it can't be delivered; nil or empty: From.
	Bounces func(delivery reset.ID) string

	// NoLink has the operator's texts for accounts that get no link.
	NoLink map[reset.Withheld]string
}

// Composer writes emails.
type Composer struct {
	site      Site
	domain    string // of the sender, in A-labels
	words     *words.Catalogue
	templates map[reset.Kind]mailTemplates
}

// NewComposer parses all templates and renders each once. So a broken template is
// an error at the start, and not an email that never arrives.
func NewComposer(files fs.FS, cat *words.Catalogue, site Site) (*Composer, error) {
	if cat == nil || site.Name == "" || site.BaseURL == "" {
		return nil, errors.New("mail: words, Name and BaseURL are required")
	}
	c := &Composer{site: site, words: cat, templates: map[reset.Kind]mailTemplates{}}
	c.site.Name = headerLine(site.Name)
	if err := c.checkAddresses(); err != nil {
		return nil, err
	}
	for kind, name := range names {
		t, err := parseTemplates(files, name)
		if err != nil {
			return nil, err
		}
		c.templates[kind] = t
	}
	return c, c.rehearse()
}

func (c *Composer) checkAddresses() (err error) {
	if c.site.From, err = ownAddress(c.site.From); err != nil {
		return fmt.Errorf("mail: the sender's address %w", err)
	}
	c.domain = domainOf(c.site.From)
	if c.site.ReplyTo == "" {
		return nil
	}
	if c.site.ReplyTo, err = ownAddress(c.site.ReplyTo); err != nil {
		return fmt.Errorf("mail: the address for replies %w", err)
	}
	return nil
}

// Compose writes the email. Its errors are permanent. They contain no addresses,
// names or links. The message writes its text when it is sent, which a slow mail server may
// delay by minutes, or fails with reset.ErrTooLate.
func (c *Composer) Compose(m reset.Mail) (*gomail.Msg, error) {
	to, err := recipient(m.Delivery.Recipient)
	if err != nil {
		return nil, err
	}
	t, ok := c.templates[m.Delivery.Kind]
	if !ok {
		return nil, permanent("no template for this kind of email")
	}
	v, err := c.view(m)
	if err != nil {
		return nil, permanent("the email can't be written: " + err.Error())
	}
	body, err := t.render(v)
	if err != nil {
		return nil, permanent(err.Error())
	}
	return c.message(m.Delivery, to, v, func() (rendered, error) { return c.latest(m, t, v, body) }), nil
}

// latest returns the texts as they are true now, unless nothing is to be sent any more.
func (c *Composer) latest(m reset.Mail, t mailTemplates, composed *view, body rendered) (rendered, error) {
	if m.TooLate() {
		return rendered{}, reset.ErrTooLate
	}
	v, err := c.view(m)
	if err != nil || v.Lifetime == composed.Lifetime {
		return body, err
	}
	return t.render(v)
}
