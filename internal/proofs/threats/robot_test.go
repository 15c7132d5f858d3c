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
		robot := s.browser().with("User-Agent", firefox)
		for range 5 {
			robot.head(link).is(http.StatusSeeOther)
			form := robot.open(link)
			robot.head("/password-reset/confirm").is(http.StatusOK)
			form.doc.Find("script[src], link[href]").Each(func(_ int, e *goquery.Selection) {
				robot.get(e.AttrOr("src", e.AttrOr("href", ""))).is(http.StatusOK)
			})
			form.has("script:not([src]), [onload], [onclick], meta[http-equiv]", 0)
			robot.get("/password-reset/confirm?new_password=otter-attic&confirm_password=otter-attic").is(http.StatusOK)
			robot.choose(form, "", "").is(http.StatusUnprocessableEntity)
			robot.choose(form, form.field("new_password"), form.field("confirm_password")).is(http.StatusUnprocessableEntity)
			robot.get(notMe).is(http.StatusOK)
			robot.head(notMe).is(http.StatusOK)
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			robot.do(method, link, nil).is(http.StatusMethodNotAllowed)
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
			s.browser().get(swapped).is(http.StatusNotFound)
			s.browser().post(swapped).is(map[bool]int{true: http.StatusMethodNotAllowed, false: http.StatusNotFound}[strings.Contains(swapped, "confirm")])
		}
		s.browser().with("Cookie", "resetd_link="+token(notMe)).get("/password-reset/confirm").is(http.StatusNotFound)
		for range 3 {
			s.browser().get(notMe).is(http.StatusOK).has(`form[method="post"][action="`+notMe+`"] button`, 1).has("script", 0)
			s.browser().head(notMe).is(http.StatusOK)
			s.browser().with("Sec-Fetch-Site", "cross-site").deny(notMe).is(http.StatusForbidden)
		}
		s.browser().post(notMe).is(http.StatusUnprocessableEntity).has(`input[type="checkbox"][name="sure"]:not([checked])`, 1) // a scanner that presses buttons
		s.browser().open(link)
		s.browser().deny(notMe).is(http.StatusOK)
		s.browser().get(link).is(http.StatusGone)
		s.wantPassword(user, oldPassword)
		s.wantMails(1, user)
	})
}

func TestOpensAreRecorded(t *testing.T) {
	each(t, vars{"TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		s.account(user)
		link := s.ask(user)
		person := s.from("203.0.113.5").with("User-Agent", firefox).with("Accept-Language", "en").with("Sec-Fetch-Mode", "navigate")
		person.get(link).is(http.StatusSeeOther) // seconds after the mail
		s.db.SQL(s.T, `UPDATE reset_deliveries SET sent_at = `+at(-time.Minute))
		person.head(link).is(http.StatusSeeOther)
		s.from("198.51.100.7").with("User-Agent", "Example Mail Scanner/1.0").get(link).is(http.StatusSeeOther)
		s.from("198.51.100.8").with("User-Agent", firefox).get(link).is(http.StatusSeeOther)
		person.get(link).is(http.StatusSeeOther)
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
