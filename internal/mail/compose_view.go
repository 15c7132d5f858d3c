package mail

import (
	"cmp"

	"resetd/internal/reset"
	"resetd/internal/words"
)

// view is the data of the templates. Its texts are single lines and not escaped:
// html/template escapes them, and the text part must not be escaped.
type view struct {
	words.Words
	Language string // of the words, as a tag (BCP 47)
	Subject  string // set only for the HTML part
	Site     string
	BaseURL  string
	Name     string // of the account; empty if it has no printable name
	Account  string // the account, if several have the address
	Link     string
	Code     string // that a caller reads to staff
	Button   string // what the link does
	NotMe    string // the "this wasn't me" link; empty in a rescue
	Until    string // when the link expires, or the time to say "this wasn't me" ends
	Lifetime string // how long the link works from now
	Support  bool   // the support team requested it
	CanReply bool
	Unknown  bool   // it is not known whether the new password was set
	SignsOut bool   // all sessions of the account were ended
	Blocked  bool   // the account gets no link
	Reason   string // why the account gets no link, by the operator
	Facts    []fact
}

// fact is a line of "who, when and from where".
type fact struct{ Label, Value string }

func (c *Composer) view(m reset.Mail) (*view, error) {
	v := &view{
		Words: c.words.In(m.Delivery.Locale), Site: c.site.Name, BaseURL: c.site.BaseURL,
		Name: presentable(m.Account.Name), CanReply: c.site.ReplyTo != "", SignsOut: c.site.SignsOut, Support: bySupport(m.Reset),
	}
	if m.Several {
		v.Account = v.Name
		if v.Account == "" {
			v.Account = oneLine(cmp.Or(m.Account.ID, m.Delivery.UserID), maxName)
		}
	}
	s := texts{words: v.Words}
	v.Language = s.text("mail_language")
	switch m.Delivery.Kind {
	case reset.KindResetLink, reset.KindRescue:
		c.viewLink(v, &s, m)
	case reset.KindNoLink:
		v.Reason = c.site.NoLink[m.Withheld]
		v.Facts = append([]fact{s.time(m.Reset.CreatedAt)}, s.place(m.Reset.CreatedByIP, m.Reset.CreatedByAgent)...)
	case reset.KindDeskCheck:
		v.Code = m.Code
		v.Until, v.Lifetime = s.until(m.Delivery.CreatedAt, m.GiveUpAt()), s.left(m.GiveUpAt().Sub(m.Now()))
		v.Facts = append(v.Facts, s.time(m.Delivery.CreatedAt))
	case reset.KindPasswordChanged:
		c.viewNotice(v, &s, m)
	case reset.KindSignUpConfirm, reset.KindSignUpExists:
		c.viewSignUp(v, &s, m)
	}
	return v, s.err
}

func (c *Composer) viewLink(v *view, s *texts, m reset.Mail) {
	r := m.Reset
	v.Link = c.site.BaseURL + "/password-reset/confirm/" + m.Token.Encode()
	v.Button = s.text("mail_reset_button")
	if m.Delivery.Kind == reset.KindResetLink {
		v.NotMe = c.notMe(m)
	}
	v.Until, v.Lifetime = s.until(r.CreatedAt, r.ExpiresAt), s.left(r.ExpiresAt.Sub(m.Now()))
	v.Facts = append(v.Facts, s.time(r.CreatedAt))
	switch {
	case v.Support:
		v.Facts = append(v.Facts, s.fact("mail_fact_by", s.text("mail_by_support")))
	case byProgram(r):
		v.Facts = append(v.Facts, s.fact("mail_fact_by", s.text("mail_by_program", "Site", v.Site)))
	default:
		v.Facts = append(v.Facts, s.place(r.CreatedByIP, r.CreatedByAgent)...)
	}
}

func (c *Composer) notMe(m reset.Mail) string {
	return c.site.BaseURL + "/password-reset/not-me/" + m.Denial.Encode()
}

// viewSignUp uses no text from the form: a visitor could use it to send a message
// to a stranger in our name.
func (c *Composer) viewSignUp(v *view, s *texts, m reset.Mail) {
	at := m.Delivery.CreatedAt
	if m.Delivery.Kind == reset.KindSignUpConfirm {
		v.Link = c.site.BaseURL + "/signup/confirm/" + m.Token.Encode()
		v.Button = s.text("mail_signup_button")
		v.Until, v.Lifetime = s.until(at, at.Add(reset.SignUpLifetime)), s.left(at.Add(reset.SignUpLifetime).Sub(m.Now()))
	} else {
		v.Link, v.Blocked = c.site.BaseURL+"/login", m.Withheld != ""
		v.Button = s.text("sign_in")
	}
	v.Facts = append([]fact{s.time(at)}, s.place(m.Delivery.IP, m.Delivery.Agent)...)
}

func (c *Composer) viewNotice(v *view, s *texts, m reset.Mail) {
	v.Link = c.notMe(m)
	v.Button = s.text("mail_changed_button")
	at, ip, agent := m.Delivery.CreatedAt, m.Delivery.IP, m.Delivery.Agent
	v.Unknown = m.Reset.ID != (reset.ID{}) && m.Reset.UsedAt.IsZero()
	if !m.Reset.UsedAt.IsZero() {
		at, ip, agent = m.Reset.UsedAt, m.Reset.UsedByIP, m.Reset.UsedByAgent
	}
	v.Until = s.until(m.Delivery.CreatedAt, m.Delivery.CreatedAt.Add(reset.NotMeLifetime)) // the email may arrive days later
	v.Facts = append(v.Facts, s.time(at))
	switch {
	case ip.IsValid():
		v.Facts = append(v.Facts, s.place(ip, agent)...)
		if v.Support {
			v.Facts = append(v.Facts, s.fact("mail_fact_link_by", s.text("mail_by_support")))
		}
	case v.Support:
		v.Facts = append(v.Facts, s.fact("mail_fact_by", s.text("mail_by_support")))
	case !v.Unknown:
		v.Facts = append(v.Facts, s.fact("mail_fact_by", s.text("mail_by_operator"))) // on the command line
	}
}
