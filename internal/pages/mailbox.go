package pages

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/wneessen/go-mail"

	"resetd/internal/web"
)

type mailbox struct {
	renderer *web.Renderer
	dir      string
}

// MountMailbox adds /dev/mailbox for demos. It shows the emails in a folder of .eml
// files to everybody who can reach it.
func MountMailbox(e *gin.Engine, renderer *web.Renderer, dir string) {
	m := mailbox{renderer, dir}
	e.GET("/dev/mailbox", renderer.Handle(m.list))
	e.GET("/dev/mailbox/:id", renderer.Handle(m.show))
	e.GET("/dev/mailbox/:id/html", renderer.Handle(m.html))
}

// list shows the newest email first; the file names sort by time.
func (m mailbox) list(c *gin.Context) error {
	files, err := filepath.Glob(filepath.Join(m.dir, "*.eml"))
	if err != nil {
		return err
	}
	slices.Sort(files)
	slices.Reverse(files)
	view := mailboxView{Page: m.renderer.Page(c)}
	for _, file := range files[:min(len(files), 100)] {
		msg, err := mail.EMLToMsgFromFile(file)
		if err != nil {
			continue // the file was removed meanwhile
		}
		view.Mails = append(view.Mails, summary(strings.TrimSuffix(filepath.Base(file), ".eml"), msg))
	}
	return m.renderer.HTML(c, http.StatusOK, "mailbox.html", view)
}

func (m mailbox) show(c *gin.Context) error {
	msg, err := m.open(c)
	if err != nil {
		return err
	}
	text, err := part(msg, mail.TypeTextPlain)
	if err != nil {
		return err
	}
	s := summary(c.Param("id"), msg)
	return m.renderer.HTML(c, http.StatusOK, "mailbox_mail.html", mailView{
		Page: m.renderer.Page(c), mailSummary: s, From: first(msg.GetFromString()), Text: linkParts(text),
	})
}

// html shows the HTML part of an email. Its policy allows only inline styles.
func (m mailbox) html(c *gin.Context) error {
	msg, err := m.open(c)
	if err != nil {
		return err
	}
	page, err := part(msg, mail.TypeTextHTML)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(page))
	return nil
}

var mailName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

func (m mailbox) open(c *gin.Context) (*mail.Msg, error) {
	id := c.Param("id")
	if !mailName.MatchString(id) {
		return nil, web.ErrNoPage
	}
	msg, err := mail.EMLToMsgFromFile(filepath.Join(m.dir, id+".eml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, web.ErrNoPage
	}
	if err != nil {
		return nil, fmt.Errorf("read email: %w", err)
	}
	return msg, nil
}

func summary(id string, msg *mail.Msg) mailSummary {
	at, _ := time.Parse(time.RFC1123Z, first(msg.GetGenHeader(mail.HeaderDate)))
	return mailSummary{
		ID: id, To: strings.Trim(first(msg.GetToString()), "<>"), Subject: first(msg.GetGenHeader(mail.HeaderSubject)), At: at,
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func part(msg *mail.Msg, kind mail.ContentType) (string, error) {
	for _, p := range msg.GetParts() {
		if p.GetContentType() == kind {
			content, err := p.GetContent()
			return string(content), err
		}
	}
	return "", web.ErrNoPage
}

var link = regexp.MustCompile(`https?://\S+`)

// linkParts splits a plain text into links and other text.
func linkParts(text string) []textPart {
	var parts []textPart
	last := 0
	for _, at := range link.FindAllStringIndex(text, -1) {
		parts = append(parts, textPart{Text: text[last:at[0]]}, textPart{Text: text[at[0]:at[1]], Link: true})
		last = at[1]
	}
	return append(parts, textPart{Text: text[last:]})
}
