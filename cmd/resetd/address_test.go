package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"resetd/internal/config"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// oddAddresses are stored addresses, and what the header of their email must contain.
var oddAddresses = map[string]string{
	"taro..yamada@example.org":                  `"taro..yamada"@example.org`,
	"taro.@example.org":                         `"taro."@example.org`,
	".hanako@example.org":                       `".hanako"@example.org`,
	"x@my_host.example.org":                     "x@my_host.example.org",
	`"john doe"@example.org`:                    `"john doe"@example.org`,
	`"a, b"@example.org`:                        `"a, b"@example.org`,
	`"a@b"@example.org`:                         `"a@b"@example.org`,
	"john smith@example.org":                    `"john smith"@example.org`,
	strings.Repeat("long", 30) + "@example.org": strings.Repeat("long", 30) + "@example.org",
	"user@-host-.example.org":                   "user@-host-.example.org",
}

func TestStoredAddressesOfEveryKindGetTheirEmail(t *testing.T) {
	eachSite(t, func(s *site) {
		for stored := range oddAddresses {
			s.user(stored)
		}
		for stored, want := range oddAddresses {
			before := len(s.mails())
			s.browser().Post("/password-reset", "email", " "+strings.ToUpper(stored)+" ").Is(http.StatusSeeOther)
			mails := s.mails()
			if len(mails) != before+1 {
				s.Fatalf("%s: %d emails, want 1", stored, len(mails)-before)
			}
			m := mails[before]
			header := strings.ReplaceAll(strings.ReplaceAll(m.Data, "\r\n ", " "), "\r\n\t", " ")
			if !strings.Contains(header, "To: <"+want+">") {
				s.Errorf("%s: the header has no To: <%s>:\n%.600s", stored, want, m.Data)
			}
			b := s.browser()
			b.Choose(b.OpenLink(s.linkIn(m)), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
			s.accepts(stored, newPassword, true)
		}
		s.stored(`SELECT count(*) FROM reset_deliveries WHERE failed_at IS NOT NULL`, "0")
	})
}

// Phones make a full stop of two blanks, people copy addresses with what is around them.
func TestWhatIsAroundAnAddressDoesNotMatter(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for i, typed := range []string{
			"user@example.org.", "User@example.org. ", "user@example.org,", "user@example.org;", "<user@example.org>", "Example User <user@example.org>,", `"User, Example" <user@example.org>`,
			"mailto:user@example.org", "MAILTO:user@example.org", "<mailto:user@example.org>", "mailto:user@example.org?subject=Help",
			"“user@example.org”", `"user@example.org"`, "'user@example.org'.", "(user@example.org)",
			"user @example.org", "user@ example.org", "user@example. org", "user@example.org…", "user＠example.org.", " user@example.org!",
			"user@example.org。", "user\u3000＠example.org", "user\u00a0@\u00a0example.org", "「user@example.org」", "（user@example.org）、", "„user@example.org“", "«user@example.org»", "»user@example.org«", "[user@example.org]", "user@example.org).", `"<user@example.org>"`,
		} {
			s.ask(typed)
			if got := s.sink.Messages()[i].To; len(got) != 1 || got[0] != "user@example.org" {
				s.Errorf("%q: the email went to %v", typed, got)
			}
			s.accepts(typed, oldPassword, true)
		}
		s.stored(`SELECT count(DISTINCT email) FROM password_resets`, "1")
		for _, typed := range []string{"other <user@example.org> x@example.org", "user@example.org, x@example.org", "user@example.org.example", "us er@example.org", `"us" er@example.org`} {
			s.browser().Request(typed).To("/password-reset/done")
		}
		s.sent(32)
	})
	eachSite(t, func(s *site) {
		s.browser().signUp("new@example.org. ").To("/signup/done")
		if m := s.mails(); len(m) != 1 || m[0].To[0] != "new@example.org" {
			s.Errorf("%d emails", len(m))
		}
	}, signUpOn)
}

func TestInvisibleCharactersAroundAnAddressDoNotMatter(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		agent := s.member("agent", staff.Viewer)
		for _, around := range [][2]string{
			{"\u200b", ""}, {"\ufeff", "\u200e"}, {"\u202a", "\u202c"}, {" \u2066", "\u2069 "}, {"\u00ad", "\ufe0f"}, {"\u2060\u200d", "\u200c\u200b\n"},
		} {
			typed := around[0] + "User@Example.org" + around[1]
			if mails, before := s.ask(typed), len(s.mails()); mails == "" || s.sink.Messages()[before-1].To[0] != "user@example.org" {
				s.Errorf("%q: the email went elsewhere", typed)
			}
			s.accepts(typed, oldPassword, true)
			agent.Get("/support?only=resets&q="+url.QueryEscape(typed)).Is(http.StatusOK).Has("tbody tr", len(s.resets()))
		}
		s.browser().signUp("\u200bnew@example.org\ufeff").Is(http.StatusSeeOther)
		mails := s.mails()
		last := mails[len(mails)-1]
		if last.To[0] != "new@example.org" {
			s.Errorf("the sign-up's email went to %q", last.To[0])
		}
	}, signUpOn)
}

// The limit of an account counts every way to write its address.
func TestInvisibleCharactersDoNotEvadeALimit(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for _, typed := range []string{"user@example.org", "\u200buser@example.org", "user@example.org\u200e"} {
			s.browser().login(typed, "wrong").Is(http.StatusUnprocessableEntity)
		}
		s.browser().login("\ufeffuser@example.org", oldPassword).Is(http.StatusTooManyRequests)
	}, func(v *config.Settings, _ *config.Secrets) { v.LimitSignin = "3/1h" })
}

// TestLongAddressesCostNoWork counts the work; this test shows the answers.
func TestLongAddressesAreRefusedEverywhere(t *testing.T) {
	long := "user@" + strings.Repeat("語言漢字", 1200)
	eachSite(t, func(s *site) {
		agent := s.member("agent", staff.Viewer)
		s.browser().Post("/password-reset", "email", long).Is(http.StatusUnprocessableEntity)
		s.browser().login(long, oldPassword).Is(http.StatusUnprocessableEntity)
		s.browser().signUp(long).Is(http.StatusUnprocessableEntity)
		agent.Get("/support?q=" + url.QueryEscape(long[:2000])).Is(http.StatusUnprocessableEntity)
		if n := len(s.resets()); n != 0 {
			s.Errorf("%d resets, want none", n)
		}
	}, signUpOn)
	for _, args := range [][]string{{"users", "add", long}, {"users", "disable", long}, {"mail", "test", long}, {"history", "--email", long}, {"history", long}} {
		vars := map[string]string{"RESETD_DATABASE_URL": "sqlite:" + t.TempDir() + "/resetd.db", "RESETD_SECRET_KEY": aKey}
		var out, errs strings.Builder
		_ = run(t.Context(), []string{"migrate", "up"}, func(name string) string { return vars[name] }, nil, &out, &errs)
		if status := run(t.Context(), args, func(name string) string { return vars[name] }, strings.NewReader(newPassword+"\n"), &out, &errs); status == 0 {
			t.Errorf("%s: accepted", args[0])
		}
	}
}

// A field of type=email turns groß@ into gross@, which is another mailbox.
func TestBrowserSendsAddressesAsTyped(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, signUpOn).work()
	w := walker{s, testkit.Browser(t, true)}
	for _, c := range [][2]string{
		{"groß@example.org", "groß@example.org"},
		{"νίκος@example.org", "νίκος@example.org"},
		{"a\u200db@example.org", "a\u200db@example.org"},
		{"user@straße.example", "user@xn--strae-oqa.example"},
		{"taro..yamada@example.org", "taro..yamada@example.org"},
	} {
		s.clock.Add(time.Second)
		w.visit("/password-reset")
		w.do(chromedp.SetValue(chromedp.CSS(`input[name="email"]`), c[0]))
		w.click(`main form button[type="submit"]`)
		w.at("/password-reset/done", "Check your inbox")
		if got := s.resets()[0].Email; got != c[1] {
			t.Errorf("typed %q: got %q, want %q", c[0], got, c[1])
		}
	}
	for _, path := range []string{"/login", "/signup", "/password-reset", "/password-reset/confirm"} {
		p := s.browser().Get(path)
		p.Has(`input[type="email"]`, 0)
		p.Has(`input[name="email"][type="text"][inputmode="email"][autocapitalize="none"][autocorrect="off"][spellcheck="false"][autocomplete="username"]`, 1)
	}
}
