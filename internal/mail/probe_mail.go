package mail

import (
	"io/fs"
	"time"

	"github.com/google/uuid"
	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

// ComposeTest writes the test email that an operator sends while setting resetd up.
// Its link opens the request form, which shows that the base URL is right. It
// contains no secrets.
func (c *Composer) ComposeTest(files fs.FS, address string, now time.Time) (*gomail.Msg, error) {
	to, err := recipient(address)
	if err != nil {
		return nil, err
	}
	t, err := parseTemplates(files, "mail_test")
	if err != nil {
		return nil, err
	}
	s := texts{words: c.words.In()}
	v := &view{
		Words: s.words, Language: s.text("mail_language"), Site: c.site.Name, BaseURL: c.site.BaseURL, CanReply: c.site.ReplyTo != "",
		Link: c.site.BaseURL + "/password-reset", Button: s.text("mail_test_button"), Facts: []fact{s.time(now)},
	}
	if s.err != nil {
		return nil, s.err
	}
	body, err := t.render(v)
	if err != nil {
		return nil, err
	}
	return c.message(reset.Delivery{ID: uuid.New(), CreatedAt: now}, to, v, func() (rendered, error) { return body, nil }), nil
}
