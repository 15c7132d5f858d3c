package main

import (
	"net/http"
	"strings"
	"testing"

	"resetd/internal/staff"
)

// The record has :: for a visitor whose address the proxy did not pass on. Nobody who
// reads a page or an email knows that.
func TestUnknownIPAddressIsCalledSo(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		b := s.browser() // the proxy, without its header
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		b.login("user@example.org", newPassword).Is(http.StatusSeeOther)
		for _, m := range s.mails() {
			for name, text := range map[string]string{"text": m.Text(s), "page": m.HTML(s)} {
				if !strings.Contains(text, "not known") || strings.Contains(text, "::") || !strings.Contains(text, "an unknown browser") {
					s.Errorf("the %s of the email to %v:\n%s", name, m.To, text)
				}
			}
		}
		ada := s.member("ada", staff.Admin)
		const unknown = "an IP address that is not known"
		for _, path := range []string{"/support?only=resets&q=user%40example.org", "/support/accounts/" + a.ID, "/support/resets/" + s.resets()[0].ID.String(), "/support/overview", "/support/audit", "/support?q=%3A%3A"} {
			ada.Get(path).Is(http.StatusOK).Says(unknown).Lacks("::")
		}
		ada.Get("/support?q=%3A%3A").Shows(".read", "used from "+unknown).Has(".rows tbody tr", 1)
		s.newestPage(ada).Shows("main", "It was used at", "from "+unknown)
		p := ada.Get("/support/resets.csv?q=%3A%3A").Is(http.StatusOK)
		if strings.Contains(p.Body, unknown) || !strings.Contains(p.Body, ",::,") {
			s.Errorf("the columns changed:\n%s", p.Body)
		}
	}, behindProxy)
}
