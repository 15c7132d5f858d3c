package mail

import (
	"html"
	"net/netip"
	"strings"
	"testing"

	"resetd/internal/reset"
)

// hostile are names of accounts and sites that try to inject headers or markup.
var hostile = []string{
	"Eve\r\nBcc: eve@example.com",
	"Eve\nSubject: other",
	"Eve\x00\x1b[31m",
	`Eve", <eve@example.com>`,
	"eve@example.com, user",
	"Eve\u2028Bcc: eve@example.com",
	"=?utf-8?q?Eve=0D=0ABcc:_eve@example.com?=",
	"<script>alert(1)</script>",
	"{{.Link}}",
	"Eve \u202egro.elpmaxe",
	strings.Repeat("long ", 500),
	"\xff\xfe",
}

// intact fails if an email has additional headers, recipients or lines in its subject.
func intact(t *testing.T, o opened) {
	t.Helper()
	for _, h := range []string{"Bcc", "Cc"} {
		if _, ok := o.header[h]; ok {
			t.Errorf("header %s was added", h)
		}
	}
	to, err := o.header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "user@example.org" {
		t.Errorf("To is %q: %v", o.header.Get("To"), err)
	}
	from, err := o.header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Address != "accounts@example.org" {
		t.Errorf("From is %q: %v", o.header.Get("From"), err)
	}
	if len(o.header["Subject"]) != 1 || strings.ContainsAny(o.subject, "\r\n\x00\x1b\u2028\u202e") || len([]rune(o.subject)) > maxSubject {
		t.Errorf("subject is %q", o.subject)
	}
}

func TestHostileNames(t *testing.T) {
	c := newComposer(t, site)
	for _, name := range hostile {
		o := compose(t, c, linkMail(func(m *reset.Mail) { m.Account.Name, m.Several = name, true }))
		intact(t, o)
		if strings.Contains(o.html, "<script") || strings.ContainsAny(o.text+o.html, "\x00\x1b\u2028\u202e") {
			t.Errorf("name %q broke out:\n%s", name, o.text)
		}
	}
}

func TestHostileSiteNames(t *testing.T) {
	for _, name := range hostile {
		s := site
		s.Name = name
		intact(t, compose(t, newComposer(t, s), linkMail()))
	}
}

func TestHostileAgents(t *testing.T) {
	c := newComposer(t, site)
	for _, agent := range append(hostile, "Visit http://evil.example now", "Call +1 555 0100/1.0", "curl/8.5.0") {
		o := compose(t, c, linkMail(func(m *reset.Mail) { m.Reset.CreatedByAgent = agent }))
		intact(t, o)
		if !strings.Contains(o.text, "Browser: an unknown browser\n") {
			t.Errorf("agent %q reached the reader:\n%s", agent, o.text)
		}
	}
}

func TestHostileRecipients(t *testing.T) {
	c := newComposer(t, site)
	for _, to := range []string{
		"", "user", "@example.org", "user@", "user@example.org, eve@example.com", "user@example.org\r\nBcc: eve@example.com",
		"user@example.org\x00", "User <user@example.org>", "<user@example.org>", "user@example.org eve@example.com", "user@exam ple.org", "user@example.org.",
		"user@evil@example.org", "\u200buser@example.org", "user@example.org\u200b", "user@[192.0.2.1]", `"us\"@example.org`, `"user"x@example.org`, `""@example.org`, "user;eve@example.org",
	} {
		msg, err := c.Compose(linkMail(func(m *reset.Mail) { m.Delivery.Recipient = to }))
		if err == nil || !IsPermanent(err) {
			t.Errorf("recipient %q: mail to %v, error %v, want a permanent error", to, msg.GetToString(), err)
		} else if to != "" && strings.Contains(err.Error(), to) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

func TestRecipientIsTheStoredAddress(t *testing.T) {
	for stored, want := range map[string]string{
		"User.Name+tag@Example.ORG": "User.Name+tag@Example.ORG",
		"o'hara@example.org":        "o'hara@example.org",
		"user@bücher.example":       "user@xn--bcher-kva.example",
		"jörg@bücher.example":       "jörg@xn--bcher-kva.example",
		"User@my_host.Example.org":  "User@my_host.Example.org",
		`"john doe"@example.org`:    "john doe@example.org",
		`"a\"b@c,d"@example.org`:    `a"b@c,d@example.org`,
		"taro..yamada@example.org":  "taro..yamada@example.org",
		"user@example.org \n":       "user@example.org",
	} {
		got, err := recipient(stored)
		if err != nil || got != want {
			t.Errorf("recipient(%q) is %q, %v, want %q", stored, got, err, want)
		}
	}
}

func TestPlainTextHasNoEntities(t *testing.T) {
	s := site
	s.Name = `Tom & "Jerry's" <Site>`
	o := compose(t, newComposer(t, s), linkMail(func(m *reset.Mail) { m.Account.Name = "Ann & Bob's <3" }))
	if !strings.Contains(o.text, "Hello Ann & Bob's <3,") || !strings.Contains(o.text, s.Name) || !strings.Contains(o.subject, s.Name) {
		t.Errorf("text is changed:\n%s\n%s", o.subject, o.text)
	}
	if !strings.Contains(o.html, "Hello Ann &amp; Bob&#39;s &lt;3,") {
		t.Errorf("HTML is not escaped:\n%s", o.html)
	}
}

func TestNamesWithLinksAreLeftOut(t *testing.T) {
	c := newComposer(t, site)
	for _, name := range []string{"https://evil.example", "Win at evil.example/now", "WWW.evil.example"} {
		o := compose(t, c, linkMail(func(m *reset.Mail) { m.Account.Name, m.Several = name, true }))
		if strings.Contains(o.text+o.html, "evil") || !strings.HasPrefix(o.text, "Hello,\n") || !strings.Contains(o.text, "about the account 7.") {
			t.Errorf("name %q:\n%s", name, o.text)
		}
	}
	for _, name := range []string{"Example A/S", "Anna / Ben", "Kim <b>Q</b>", "Dr. A. B. Example"} {
		o := compose(t, c, linkMail(func(m *reset.Mail) { m.Account.Name = name }))
		if !strings.Contains(o.text, "Hello "+name+",") || !strings.Contains(o.html, "Hello "+html.EscapeString(name)+",") {
			t.Errorf("name %q is left out, or not escaped:\n%s\n%s", name, o.text, o.html)
		}
	}
}

func TestFacts(t *testing.T) {
	c := newComposer(t, site)
	for _, tt := range []struct {
		name      string
		mail      reset.Mail
		want, not string
	}{
		{"IPv4 inside IPv6", linkMail(func(m *reset.Mail) { m.Reset.CreatedByIP = netip.MustParseAddr("::ffff:192.0.2.9") }), "IP address: 192.0.2.9\n", "ffff"},
		{"no address", linkMail(func(m *reset.Mail) { m.Reset.CreatedByIP = netip.Addr{} }), "Time: 13:05 UTC on 3 March 2026\n", "IP address"},
		{"staff asked", linkMail(func(m *reset.Mail) { m.Reset.RequestedBy = "staff:example" }), "By: our support team\n", "192.0.2.7"},
		{"a program asked", linkMail(func(m *reset.Mail) { m.Reset.RequestedBy = "api:shop" }), "By: an application of Example Site\n", "192.0.2.7"},
		{"staff asked, its owner used it", noticeMail(func(m *reset.Mail) { m.Reset.RequestedBy = "staff:example" }), "IP address: 2001:db8::17\n- Browser: Chrome 139 on Android\n- Link sent by: our support team\n", "By: "},
		{"staff asked, nobody seen", noticeMail(func(m *reset.Mail) {
			m.Reset.RequestedBy, m.Reset.UsedByIP = "staff:example", netip.Addr{}
		}), "By: our support team\n", "IP address"},
		{"changed on the command line", noticeMail(func(m *reset.Mail) { m.Reset, m.Delivery.IP = reset.Reset{}, netip.Addr{} }), "By: an administrator\n", "IP address"},
		{"changed without a reset", noticeMail(func(m *reset.Mail) {
			m.Reset = reset.Reset{}
			m.Delivery.IP, m.Delivery.Agent = netip.MustParseAddr("198.51.100.4"), firefox
		}), "IP address: 198.51.100.4\n- Browser: Firefox 140 on Windows\n", "192.0.2.7"},
	} {
		o := compose(t, c, tt.mail)
		if !strings.Contains(o.text, tt.want) || strings.Contains(o.text, tt.not) {
			t.Errorf("%s: want %q and not %q in\n%s", tt.name, tt.want, tt.not, o.text)
		}
	}
}
