package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/reset"
)

// opened is a parsed email.
type opened struct {
	raw        string
	header     netmail.Header
	subject    string
	text, html string
}

func compose(t testing.TB, c *Composer, m reset.Mail) opened {
	t.Helper()
	msg, err := c.Compose(m)
	if err != nil {
		t.Fatalf("compose: %v", err)
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return open(t, b.String())
}

// open parses an email with the standard library only.
func open(t testing.TB, raw string) opened {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	must(t, err)
	o := opened{raw: raw, header: m.Header}
	if o.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %q: %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	o.text = part(t, parts, "text/plain; charset=UTF-8")
	o.html = part(t, parts, "text/html; charset=UTF-8")
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Fatalf("a third part: %v", err)
	}
	return o
}

func part(t testing.TB, parts *multipart.Reader, kind string) string {
	t.Helper()
	p, err := parts.NextRawPart()
	must(t, err)
	if got := p.Header.Get("Content-Type"); got != kind {
		t.Errorf("part is %q, want %q", got, kind)
	}
	if got := p.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
		t.Errorf("encoding is %q", got)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(p))
	must(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		must(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test -update writes it):\n%s", name, diff)
	}
}

func TestMails(t *testing.T) {
	silent := site
	silent.ReplyTo, silent.SignsOut = "", false
	for _, tt := range []struct {
		name string
		site Site
		mail reset.Mail
	}{
		{"reset_link", site, linkMail()},
		{"reset_link_several", site, linkMail(func(m *reset.Mail) { m.Several = true })},
		{"reset_link_support", silent, linkMail(func(m *reset.Mail) {
			m.Account.Name = ""
			m.Reset.RequestedBy = "staff:example"
			m.Reset.ExpiresAt = asked.Add(24 * time.Hour)
		})},
		{"rescue", site, rescueMail()},
		{"password_changed", site, noticeMail()},
		{"password_changed_support", site, noticeMail(func(m *reset.Mail) { m.Reset.RequestedBy = "staff:example" })},
		{"password_changed_plain", silent, noticeMail(func(m *reset.Mail) {
			m.Account, m.Reset = reset.Account{}, reset.Reset{} // changed by a program, and the account was deleted
		})},
		{"signup_confirm", silent, signUpMail(reset.KindSignUpConfirm)},
		{"signup_exists", site, signUpMail(reset.KindSignUpExists)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := compose(t, newComposer(t, tt.site), tt.mail)
			golden(t, tt.name+".txt", "Subject: "+o.subject+"\n\n"+o.text)
			golden(t, tt.name+".html", o.html)
		})
	}
}

func TestHeaders(t *testing.T) {
	o := compose(t, newComposer(t, site), linkMail())
	want := netmail.Header{
		"From":                     {`"Example Site" <accounts@example.org>`},
		"To":                       {"<user@example.org>"},
		"Reply-To":                 {"<support@example.org>"},
		"Subject":                  {"Reset your password at Example Site"},
		"Date":                     {"Tue, 03 Mar 2026 13:05:09 +0000"},
		"Message-Id":               {"<11111111-2222-4333-8444-555555555555@example.org>"},
		"Auto-Submitted":           {"auto-generated"},
		"X-Auto-Response-Suppress": {"All"},
		"Content-Language":         {"en"},
		"Mime-Version":             {"1.0"},
	}
	delete(o.header, "Content-Type") // checked by open
	if diff := cmp.Diff(want, o.header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
}

func TestMessageIDIsTheSameForAllAttempts(t *testing.T) {
	c := newComposer(t, site)
	first := compose(t, c, linkMail())
	second := compose(t, c, linkMail(func(m *reset.Mail) { m.Delivery.Attempts = 2 }))
	for _, h := range []string{"Message-Id", "Date"} {
		if first.header.Get(h) != second.header.Get(h) {
			t.Errorf("%s changed from %q to %q", h, first.header.Get(h), second.header.Get(h))
		}
	}
}

func TestLinkHasItsOwnLine(t *testing.T) {
	o := compose(t, newComposer(t, site), linkMail())
	link := "https://accounts.example.org/password-reset/confirm/" + testToken().Encode()
	if !strings.Contains(o.text, "\n\n"+link+"\n\n") {
		t.Errorf("the text has no line with only the link:\n%s", o.text)
	}
	if strings.Count(o.html, `href="`+link+`"`) != 2 || !strings.Contains(o.html, ">"+link+"</a>") {
		t.Errorf("the HTML must show the link as a button and as text:\n%s", o.html)
	}
}

func TestMailLoadsNothingRemote(t *testing.T) {
	for _, m := range []reset.Mail{linkMail(), rescueMail(), noticeMail(), signUpMail(reset.KindSignUpConfirm), signUpMail(reset.KindSignUpExists)} {
		o := compose(t, newComposer(t, site), m)
		for _, never := range []string{"<img", "<script", "<link", "url(", "src=", "@import"} {
			if strings.Contains(o.html, never) {
				t.Errorf("the HTML of %s has %s", m.Delivery.Kind, never)
			}
		}
		for _, h := range []string{"User-Agent", "X-Mailer"} {
			if got := o.header.Get(h); got != "" {
				t.Errorf("%s is %q, want no such header", h, got)
			}
		}
	}
}
