package mail

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"resetd/internal/reset"
	"resetd/internal/words"
	"resetd/templates"
)

// with returns all templates with one of them replaced.
func with(t *testing.T, name, text string) (fstest.MapFS, *words.Catalogue) {
	t.Helper()
	files, err := templates.Open("")
	must(t, err)
	cat, err := words.Load(files)
	must(t, err)
	changed := fstest.MapFS{}
	names, err := fs.Glob(files, "mail/*")
	must(t, err)
	for _, file := range names {
		data, err := fs.ReadFile(files, file)
		must(t, err)
		changed[file] = &fstest.MapFile{Data: data}
	}
	changed["mail/"+name] = &fstest.MapFile{Data: []byte(text)}
	return changed, cat
}

func TestBrokenTemplateIsAnErrorAtStart(t *testing.T) {
	for _, tt := range []struct{ name, file, text, want string }{
		{"does not parse", "password_reset_email.txt", "{{if}}", "password_reset_email.txt"},
		{"names what isn't there", "password_changed_email.html", "{{.Nickname}}", "Nickname"},
		{"has unknown words", "password_changed_email.txt", `{{.T "mail_unknown"}}`, "mail_unknown"},
		{"text without link", "password_reset_email.txt", "Hello", "{{.Link}}"},
		{"HTML without link", "password_reset_email.html", "Hello", "{{.Link}}"},
		{"empty subject", "password_changed_subject.txt", "\n", "subject is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, cat := with(t, tt.file, tt.text)
			_, err := NewComposer(files, cat, site)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestSubjectIsAlwaysOneLine(t *testing.T) {
	files, cat := with(t, "password_reset_subject.txt", "\n Reset\r\nBcc: eve@example.com\n\n{{.Site}} \t now\n")
	c, err := NewComposer(files, cat, site)
	must(t, err)
	o := compose(t, c, linkMail())
	intact(t, o)
	if want := "Reset Bcc: eve@example.com Example Site now"; o.subject != want {
		t.Errorf("subject is %q, want %q", o.subject, want)
	}
}

func TestNewComposerRefuses(t *testing.T) {
	files, cat := with(t, "unused", "")
	for _, edit := range []func(*Site){
		func(s *Site) { s.From = "" },
		func(s *Site) { s.From = "Example <accounts@example.org>" },
		func(s *Site) { s.From = "jörg@example.org" },
		func(s *Site) { s.ReplyTo = "a@example.org, b@example.org" },
		func(s *Site) { s.Name = "" },
		func(s *Site) { s.BaseURL = "" },
	} {
		s := site
		edit(&s)
		if _, err := NewComposer(files, cat, s); err == nil {
			t.Errorf("%+v was accepted", s)
		}
	}
}

func TestUnknownKindIsPermanent(t *testing.T) {
	_, err := newComposer(t, site).Compose(linkMail(func(m *reset.Mail) { m.Delivery.Kind = "other" }))
	if !IsPermanent(err) {
		t.Errorf("got %v, want a permanent error", err)
	}
}
