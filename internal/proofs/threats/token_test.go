package threats

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"resetd/internal/reset"
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

// theKey returns the program's signing key, so a test can make any link.
func theKey(s *service, encoded string) reset.Keys {
	s.Helper()
	raw, err := base64.StdEncoding.DecodeString(encoded)
	s.must(err)
	keys, err := reset.NewKeys(raw)
	s.must(err)
	return keys
}

func TestTokenOfAnotherPurpose(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		keys := theKey(s, secretKey)
		id, err := keys.Verify(reset.PurposeResetLink, token(link))
		s.must(err)
		stranger := theKey(s, "dGhpcyBpcyBhbm90aGVyIGtleSBvZiAzMiBieXRlcyE=")
		for name, forged := range map[string]reset.Token{
			"its own not-me":      keys.Token(reset.PurposeNotMyRequest, id),
			"a notice's not-me":   keys.Token(reset.PurposeNotMyChange, id),
			"no purpose":          keys.Token("", id),
			"another purpose":     keys.Token("sign up", id),
			"another spelling":    keys.Token("Reset link", id),
			"another key":         stranger.Token(reset.PurposeResetLink, id),
			"a reset of nobody's": keys.Token(reset.PurposeResetLink, uuid.New()),
		} {
			if p := s.browser().Get("/password-reset/confirm/" + forged.Encode()); p.Status != http.StatusNotFound {
				s.Errorf("%s: the link: got %d, want 404", name, p.Status)
			}
			b := s.browser().With("Cookie", "resetd_link="+forged.Encode())
			p := b.Post("/password-reset/confirm", "reset", id.String(), "new_password", newPassword, "confirm_password", newPassword)
			if p.Status != http.StatusNotFound && p.Status != http.StatusConflict {
				s.Errorf("%s: the form: got %d, want it refused", name, p.Status)
			}
		}
		s.browser().Post("/password-reset/not-me/" + token(link)).Is(http.StatusNotFound)
		s.wantPassword(user, oldPassword, newPassword)
		s.browser().finish(link, newPassword)
	})
}
