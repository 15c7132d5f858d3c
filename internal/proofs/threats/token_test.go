package threats

import (
	"net/http"
	"strings"
	"testing"
)

func TestStrangeTokens(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		whole := token(link)
		for name, strange := range map[string]string{
			"empty": "", "JSON": `%7B%22$ne%22:null%7D`, "a list": "[]", "a number": "0", "true": "true", "null": "null",
			"NUL": "%00", "invalid UTF-8": "%ff%fe", "SQL": "'%20OR%201=1--", "a path": "..%2f..%2flogin", "a wildcard": "%25",
			"cut": whole[:51], "longer": whole + "a", "padded": whole + "====", "doubled": whole + whole,
			"a line break in it":  whole[:30] + "%0A" + whole[30:],
			"a line break for it": whole[:51] + "%0A", "a blank before": "%20" + whole, "another letter": whole[:40] + other(whole[40]) + whole[41:],
			"nothing but the id": whole[:26] + strings.Repeat("a", 26), "zeros": strings.Repeat("a", 52), "long": strings.Repeat("A", 10_000),
		} {
			if p := s.browser().Get("/password-reset/confirm/" + strange); p.Status != http.StatusNotFound || p.Find("h1").Length() != 1 {
				s.Errorf("%s: got %d, want a page with 404", name, p.Status)
			}
			p := s.browser().With("Cookie", "resetd_link="+strange).Get("/password-reset/confirm").Is(http.StatusNotFound)
			p.Has(`form[action="/password-reset"]`, 1)
			s.browser().With("Cookie", "resetd_link="+strange).Choose(p, newPassword, newPassword).Is(http.StatusNotFound)
			if p := s.browser().Get("/password-reset/not-me/" + strange); p.Status != http.StatusNotFound {
				s.Errorf("%s at not-me: got %d, want 404", name, p.Status)
			}
		}
		s.browser().Get("/password-reset/confirm/" + strings.Repeat("A", 1<<20)).Is(http.StatusRequestHeaderFieldsTooLarge)
		if log := s.program.Log(); strings.Contains(log, `"ERROR"`) {
			s.Errorf("an error is in the log:\n%s", log)
		}
		s.browser().finish(link, newPassword)
	})
}

func other(c byte) string {
	if c == 'a' {
		return "b"
	}
	return "a"
}
