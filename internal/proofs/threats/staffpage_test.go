package threats

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// Other programs may write any text into the record. The browsers and terminals of
// staff must not execute it.
func TestEscapesOnStaffPages(t *testing.T) {
	const hostile = "<script>alert(1)</script>\x1b[2J\x1b]0;owned\x07\r\n\u009b31m\u202egnp.exe\"'><img src=x onerror=alert(1)>"
	each(t, nil, func(s *service) {
		ada, arno := s.member("ada", "admin"), s.member("arno", "agent")
		s.account(user)
		s.ask(user)
		id := s.newest(user)
		arno.revoke(id, hostile).Is(http.StatusSeeOther)
		s.browser().Post("/support/login", "name", hostile, "password", "x", "code", hostile).Is(http.StatusUnprocessableEntity)
		quoted := `'` + strings.ReplaceAll(hostile, `'`, `''`) + `'`
		s.db.SQL(s.T,
			`UPDATE password_resets SET email = `+quoted+`, user_id = `+quoted+`, created_by_agent = `+quoted,
			`UPDATE reset_deliveries SET last_reply = `+quoted,
			`INSERT INTO reset_events (reset_id, at, kind, actor, agent, detail) SELECT id, created_at, 'opened', 'scanner', `+quoted+`, `+quoted+` FROM password_resets`)
		typed := "?q=" + url.QueryEscape(hostile)
		for _, path := range []string{"", typed + "&only=resets", "/resets/" + id, "/accounts/x" + typed, "/overview", "/audit", "?status=" + typed[3:], "?since=" + typed[3:]} {
			s.wantTame(ada.Get("/support"+path).Is(http.StatusOK), path)
		}
		s.wantTame(arno.send(id, "").Is(http.StatusUnprocessableEntity), "a refused action")
		s.wantTame(s.browser().Get("/support/login?next=/"+typed).Is(http.StatusOK), "the login")
		for _, format := range []string{"table", "csv"} {
			if out := s.history(format); strings.ContainsFunc(strings.ReplaceAll(out, "\n", ""), func(r rune) bool { return !unicode.IsPrint(r) }) || strings.Count(out, "\n") != 2 {
				s.Errorf("the history as %s contains escapes: %q", format, out)
			}
		}
		s.wantOneLineEach()
	})
}

// wantTame checks that a page contains the text only as text.
func (s *service) wantTame(p page, what string) {
	s.Helper()
	if p.Find(`img, script:not([src])`).Length() > 0 || strings.Contains(p.Body, "<script>") {
		s.Errorf("%s: markup has become part of the page:\n%s", what, p.Body)
	}
}
