package threats

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
)

const (
	staffPassword = "a pelican behind the piano"
	reason        = "she called, ticket 4711"
)

// member is a staff member with a browser.
type member struct {
	*browser
	name   string
	secret string // TOTP secret
	spent  string // the code of the sign-in
}

// member adds a member with the command, and signs in with password and code.
func (s *service) member(name, role string) member {
	s.Helper()
	status, out, problems := s.typed(staffPassword+"\n", "staff", "add", name, "--role", role)
	secret := regexp.MustCompile(`(?m)^[A-Z2-7]{32}$`).FindString(out)
	if status != 0 || secret == "" || !strings.Contains(out, "otpauth://totp/") {
		s.Fatalf("staff add: status %d, no secret in %q\n%s", status, out, problems)
	}
	m := member{browser: s.browser(), name: name, secret: secret}
	m.spent = m.code(0)
	m.signIn(m.spent).To("/support")
	return m
}

// code returns the code a number of steps from now.
func (m member) code(steps int) string {
	m.Helper()
	code, err := totp.GenerateCode(m.secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	m.must(err)
	return code
}

func (m member) signIn(code string) page {
	m.Helper()
	return m.Post("/support/login", "name", m.name, "password", staffPassword, "code", code)
}

func (m member) send(id, reason string) page {
	m.Helper()
	return m.Post("/support/resets/"+id+"/send", "send_reason", reason)
}

func (m member) revoke(id, reason string) page {
	m.Helper()
	return m.Post("/support/resets/"+id+"/revoke", "revoke_reason", reason)
}

// found returns the resets that a search lists, by the first digits of their ids.
func (m member) found(query string) (ids []string) {
	m.Helper()
	if strings.Contains(query, "q=") {
		query += "&only=resets" // a search without this may open the page of a person
	}
	for _, a := range m.Get("/support" + query).Is(http.StatusOK).Find(".rows tbody td:first-child a").EachIter() {
		ids = append(ids, strings.TrimPrefix(a.AttrOr("href", ""), "/support/resets/"))
	}
	return ids
}

// newest returns the id of the newest reset of an address.
func (s *service) newest(email string) string {
	s.Helper()
	return s.db.Text(s.T, `SELECT id FROM password_resets WHERE email = '`+email+`' ORDER BY created_at DESC, id DESC LIMIT 1`)
}

// audit returns how often an action is recorded. refused is a part of the reason of the
// refusal, or empty.
func (s *service) audit(member, action, target, refused string) string {
	s.Helper()
	is := `refused = ''`
	if refused != "" {
		is = `refused LIKE '%` + refused + `%'`
	}
	return s.db.Text(s.T, `SELECT count(*) FROM reset_audit WHERE member = '`+member+`' AND action = '`+action+`' AND target = '`+target+`' AND `+is)
}
