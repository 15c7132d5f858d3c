package threats

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

// Mail scanners follow every link, load the page's files, run its scripts,
// and some press its buttons.
func TestScanner(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		notMe := s.notMeIn(s.mails()[0])
		robot := s.browser().With("User-Agent", firefox)
		for range 5 {
			robot.Head(link).Is(http.StatusSeeOther)
			form := robot.OpenLink(link)
			robot.Head("/password-reset/confirm").Is(http.StatusOK)
			form.Find("script[src], link[href]").Each(func(_ int, e *goquery.Selection) {
				robot.Get(e.AttrOr("src", e.AttrOr("href", ""))).Is(http.StatusOK)
			})
			form.Has("script:not([src]), [onload], [onclick], meta[http-equiv]", 0)
			robot.Get("/password-reset/confirm?new_password=otter-attic&confirm_password=otter-attic").Is(http.StatusOK)
			robot.Choose(form, "", "").Is(http.StatusUnprocessableEntity)
			robot.Choose(form, form.Field("new_password"), form.Field("confirm_password")).Is(http.StatusUnprocessableEntity)
			robot.Get(notMe).Is(http.StatusOK)
			robot.Head(notMe).Is(http.StatusOK)
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			robot.Do(method, link, "").Is(http.StatusMethodNotAllowed)
		}
		s.is("", `SELECT revoked_by FROM password_resets`)
		s.browser().finish(link, newPassword)
		s.wantPassword(user, newPassword, oldPassword)
	})
}

func TestNotMeNeedsAClick(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		notMe := s.notMeIn(s.mails()[0])
		for _, swapped := range []string{"/password-reset/confirm/" + token(notMe), "/password-reset/not-me/" + token(link)} {
			s.browser().Get(swapped).Is(http.StatusNotFound)
			s.browser().Post(swapped).Is(map[bool]int{true: http.StatusMethodNotAllowed, false: http.StatusNotFound}[strings.Contains(swapped, "confirm")])
		}
		s.browser().With("Cookie", "resetd_link="+token(notMe)).Get("/password-reset/confirm").Is(http.StatusNotFound)
		for range 3 {
			s.browser().Get(notMe).Is(http.StatusOK).Has(`form[method="post"][action="`+notMe+`"] button`, 1).Has("script", 0)
			s.browser().Head(notMe).Is(http.StatusOK)
			s.browser().With("Sec-Fetch-Site", "cross-site").Deny(notMe).Is(http.StatusForbidden)
		}
		s.browser().Post(notMe).Is(http.StatusUnprocessableEntity).Has(`input[type="checkbox"][name="sure"]:not([checked])`, 1) // a scanner that presses buttons
		s.browser().OpenLink(link)
		s.browser().Deny(notMe).Is(http.StatusOK)
		s.browser().Get(link).Is(http.StatusGone)
		s.wantPassword(user, oldPassword)
		s.wantMails(1, user)
	})
}

func TestOpensAreRecorded(t *testing.T) {
	each(t, vars{"TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		s.account(user)
		link := s.ask(user)
		person := s.from("203.0.113.5").With("User-Agent", firefox).With("Accept-Language", "en").With("Sec-Fetch-Mode", "navigate")
		person.Get(link).Is(http.StatusSeeOther) // seconds after the email
		s.db.SQL(s.T, `UPDATE reset_deliveries SET sent_at = `+at(-time.Minute))
		person.Head(link).Is(http.StatusSeeOther)
		s.from("198.51.100.7").With("User-Agent", "Example Mail Scanner/1.0").Get(link).Is(http.StatusSeeOther)
		s.from("198.51.100.8").With("User-Agent", firefox).Get(link).Is(http.StatusSeeOther)
		person.Get(link).Is(http.StatusSeeOther)
		ip := map[string]string{"sqlite": "ip", "postgres": "host(ip)"}[s.db.Name]
		for i, want := range []string{
			"203.0.113.5 scanner sooner than anybody reads", "203.0.113.5 scanner head request", "198.51.100.7 scanner agent of a program",
			"198.51.100.8 scanner headers of no browser", "203.0.113.5 user ",
		} {
			s.is(want, `SELECT `+ip+` || ' ' || actor || ' ' || detail FROM reset_events WHERE kind = 'opened' ORDER BY id LIMIT 1 OFFSET `+string(rune('0'+i)))
		}
		s.is("1", `SELECT count(*) FROM password_resets WHERE opened_at IS NOT NULL AND used_at IS NULL`)
	})
}
