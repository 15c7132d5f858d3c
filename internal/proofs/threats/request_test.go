package threats

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/users"
)

const form = "application/x-www-form-urlencoded"

// GitLab sent the link to both of two addresses (CVE-2023-7028).
func TestAddressGivenTwice(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		const known, evil = "user%40example.org", "evil%40example.com"
		for name, try := range map[string]struct{ path, kind, body string }{
			"twice":               {"/password-reset", form, "email=" + known + "&email=" + evil},
			"the other first":     {"/password-reset", form, "email=" + evil + "&email=" + known},
			"twice the same":      {"/password-reset", form, "email=" + known + "&email=" + known},
			"a list":              {"/password-reset", form, "email[]=" + known + "&email[]=" + evil},
			"a list of one":       {"/password-reset", form, "email[0]=" + known},
			"query and body":      {"/password-reset?email=" + evil, form, "email=" + known},
			"the query alone":     {"/password-reset?email=" + known, form, ""},
			"an array in JSON":    {"/password-reset", "application/json", `{"email":["user@example.org","evil@example.com"]}`},
			"plain JSON":          {"/password-reset", "application/json", `{"email":"user@example.org"}`},
			"a form called JSON":  {"/password-reset", "application/json", "email=" + known},
			"multipart":           {"/password-reset", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nuser@example.org\r\n--x--\r\n"},
			"text":                {"/password-reset", "text/plain", "email=" + known},
			"no type":             {"/password-reset", "", "email=" + known},
			"a broken escape":     {"/password-reset", form, "email=" + known + "&email=%zz"},
			"a semicolon between": {"/password-reset", form, "email=" + known + ";email=" + evil},
		} {
			if p := s.browser().With("Content-Type", try.kind).Do(http.MethodPost, try.path, try.body); p.Status != http.StatusBadRequest {
				s.Errorf("%s: got %d, want 400", name, p.Status)
			}
		}
		s.is("0", `SELECT count(*) FROM password_resets`)
		s.browser().With("Content-Type", form).Do(http.MethodPost, "/password-reset", "email="+known+"&recipient="+evil+"&EMAIL="+evil).To("/password-reset/done")
		s.wantMails(1, user)
		id := s.newest(user)
		s.member("arno", "agent").Post("/support/resets/"+id+"/send?email="+evil, "send_reason", reason, "email", "evil@example.com", "recipient", "evil@example.com").Is(http.StatusSeeOther)
		s.wantMails(2, user)
	})
}

// several is a directory in which an address is not unique. Only then an account's name
// is in a header, the subject.
const several = `
hash         = "argon2id"
find         = "SELECT login AS id, email, login AS name, hash AS password_hash, true AS active FROM members WHERE lower(email) IN (lower($1), $2)"
get          = "SELECT login AS id, email, login AS name, hash AS password_hash, true AS active FROM members WHERE login = $1"
set_password = "UPDATE members SET hash = $2 WHERE login = $1 AND hash = $3"
`

func TestControlCharacters(t *testing.T) {
	file := write(t, "members.toml", several)
	each(t, vars{"ACCOUNTS": file, "LOGIN_URL": "https://app.example.org/login"}, func(s *service) {
		s.db.SQL(s.T,
			`CREATE TABLE members (login text PRIMARY KEY, email text, hash text)`,
			"INSERT INTO members VALUES ('plain', 'user@example.org', '"+testkit.PasswordHash+"'), ('bad\r\nBcc: evil@example.com\r\n\r\nText', 'user@example.org', '"+testkit.PasswordHash+"')")
		for _, typed := range []string{
			"user@example.org\r\nBcc: evil@example.com", "user@example.org\nevil@example.com", "user@example.org\x00@example.com", "user@example.org\u2028x", "user\u202e@example.org", "user@example.org\x7f",
		} {
			if p := s.browser().Request(typed); p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusBadRequest {
				s.Errorf("typed %q: got %d, want it refused", typed, p.Status)
			}
		}
		s.is("0", `SELECT count(*) FROM password_resets`)
		// Looked up as a whole, and no account has it.
		for _, typed := range []string{
			"user@example.org,evil@example.com", "user@example.org, evil@example.com", "user@example.org;evil@example.com", `"user"@example.org`, "user@example.org@example.com", "user@@example.org",
			"user@example.org (comment)", "user@[127.0.0.1]", "evil@example.com,<user@example.org>",
		} {
			s.browser().Request(typed).To("/password-reset/done")
		}
		// The address in it is looked up.
		for _, typed := range []string{"<user@example.org>", "User <user@example.org>"} {
			s.browser().Request(typed).To("/password-reset/done")
		}
		s.wantMails(4, user)
		s.browser().With("User-Agent", "agent\u0085\u2028\t\u009b31mBcc: evil@example.com").Request(user).To("/password-reset/done")
		s.wantMails(6, user)
		for _, m := range s.sink.Messages() {
			s.wantOneHeaderEach(m.Data)
			subject, err := new(mime.WordDecoder).DecodeHeader(strings.Join(m.Parse(s).GetGenHeader("Subject"), "; "))
			if s.must(err); !strings.Contains(subject, "account ") || strings.ContainsAny(subject, "\r\n") {
				s.Errorf("want a subject of one line with the account, got %q", subject)
			}
		}
		if got := s.db.Text(s.T, `SELECT created_by_agent FROM password_resets WHERE email = 'user@example.org' ORDER BY created_at DESC LIMIT 1`); got != "agent    31mBcc: evil@example.com" {
			s.Errorf("the recorded agent is %q, want one printable line", got)
		}
		s.wantOneLineEach()
	})
}

// wantOneHeaderEach checks that an email has its normal headers and no others.
func (s *service) wantOneHeaderEach(data string) {
	s.Helper()
	head, _, _ := strings.Cut(data, "\r\n\r\n")
	seen := map[string]bool{}
	for line := range strings.SplitSeq(head, "\r\n") {
		name, _, named := strings.Cut(line, ":")
		if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
			continue // of the previous header
		}
		if !named || seen[name] || slices.Contains([]string{"Bcc", "Cc"}, name) {
			s.Errorf("unexpected header line %q in\n%s", line, head)
		}
		seen[name] = true
	}
}

func TestLimitBeforeLookUp(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "2/1h"}, func(s *service) {
		s.account("möwe@example.org", func(u *users.User) { u.Name = "" })
		for i, typed := range [][]string{
			{"möwe@example.org", " MÖWE@Example.ORG ", "mo\u0308we@example.org", "ｍöwe@example.org", "möwe@ＥＸＡＭＰＬＥ.org"},
			{"nobody@bücher.example", "Nobody@BÜCHER.example", "nobody@xn--bcher-kva.example", "nobody@bu\u0308cher.example", "\tnobody@bücher.example"},
		} {
			for _, form := range typed {
				s.browser().Request(form).To("/password-reset/done")
			}
			s.is(map[int]string{0: "3", 1: "6"}[i], `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
		}
		// Nothing is looked up before the answer.
		counted := func() string { return s.db.Text(s.T, `SELECT sum(count) FROM reset_limits`) }
		before := counted()
		s.db.SQL(s.T, `ALTER TABLE users RENAME TO away`)
		s.browser().Request(user).To("/password-reset/done")
		s.db.SQL(s.T, `ALTER TABLE away RENAME TO users`)
		if after := counted(); before != "10" || after != "11" {
			s.Errorf("charged %s, then %s; want 10, then 11", before, after)
		}
	})
}
