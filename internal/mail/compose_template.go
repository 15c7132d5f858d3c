package mail

import (
	"bytes"
	"cmp"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	texttemplate "text/template"

	"resetd/internal/reset"
)

// names contains the prefix of the template names of each kind.
var names = map[reset.Kind]string{
	reset.KindResetLink:       "password_reset",
	reset.KindRescue:          "rescue",
	reset.KindNoLink:          "no_link",
	reset.KindDeskCheck:       "desk_check",
	reset.KindPasswordChanged: "password_changed",
	reset.KindSignUpConfirm:   "signup_confirm",
	reset.KindSignUpExists:    "signup_exists",
}

// mailTemplates are the three templates of a kind.
type mailTemplates struct {
	subject, text *texttemplate.Template
	html          *htmltemplate.Template
}

func parseTemplates(files fs.FS, name string) (t mailTemplates, _ error) {
	subject, text, html := name+"_subject.txt", name+"_email.txt", name+"_email.html"
	var errs [3]error
	t.subject, errs[0] = texttemplate.New(subject).ParseFS(files, "mail/"+subject)
	t.text, errs[1] = texttemplate.New(text).ParseFS(files, "mail/"+text)
	t.html, errs[2] = htmltemplate.New(html).ParseFS(files, "mail/mail_base.html", "mail/"+html)
	if err := cmp.Or(errs[0], errs[1], errs[2]); err != nil {
		return t, fmt.Errorf("mail: %w", err)
	}
	return t, nil
}

// render executes all three templates. The subject is always a single line of
// limited length.
func (t mailTemplates) render(v *view) (r rendered, err error) {
	var b bytes.Buffer
	if err = t.subject.Execute(&b, v); err != nil {
		return r, fmt.Errorf("template %w", err)
	}
	r.subject = headerLine(b.String())
	v.Subject = r.subject
	b.Reset()
	if err = t.text.Execute(&b, v); err != nil {
		return r, fmt.Errorf("template %w", err)
	}
	r.text = plainText(b.String())
	b.Reset()
	if err = t.html.Execute(&b, v); err != nil {
		return r, fmt.Errorf("template %w", err)
	}
	r.html = b.String()
	return r, nil
}
