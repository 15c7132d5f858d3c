package threats

import (
	"net/http"
	"strings"
	"testing"

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
