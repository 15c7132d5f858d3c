package threats

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"resetd/internal/users"
)

// Visitors, and the application that owns the accounts, can write texts into the
// record. A terminal that shows the record must not execute them.
func TestEscapesInOutput(t *testing.T) {
	const escapes = "\x1b[2J\x1b]0;owned\x07\r\n\u009b31m\u202egnp.exe\x00"
	each(t, nil, func(s *service) {
		hostile := strings.TrimSuffix(escapes, "\x00") // PostgreSQL does not accept NUL
		s.account(user, func(u *users.User) { u.Name = hostile })
		s.browser().Request("user" + escapes + "@example.org").Is(http.StatusBadRequest)
		s.browser().Request("user" + hostile + "@example.org").Is(http.StatusUnprocessableEntity)
		s.browser().login("user"+hostile+"@example.org", hostile).Is(http.StatusUnprocessableEntity)
		s.browser().With("User-Agent", "a\t\u009b31m\u202eb").Request(user).To("/password-reset/done")
		if status := s.raw("POST /password-reset?x=%0A%1B[31m", "Host: x\r\nUser-Agent: a\x1b[31mb\r\n", "email=a"); status != http.StatusBadRequest {
			s.Errorf("an escape in a header: got %d, want 400", status)
		}
		s.raw("GET\x1b[31m /", "Host: x\r\n", "")
		s.raw("EVIL /login", "Host: x\r\n", "")
		s.browser().Get("/%1B[31m%0A{\"level\":\"ERROR\"}").Is(http.StatusNotFound)
		s.mails()
		s.wantOneLineEach()
		s.is("a  31m b", `SELECT created_by_agent FROM password_resets`)
		// Other programs may have written rows too.
		s.db.SQL(s.T, `UPDATE password_resets SET created_by_agent = '`+hostile+`', email = '`+hostile+`', user_id = '`+hostile+`'`)
		s.wantCleanOutput(hostile)
	})
}

func (s *service) wantCleanOutput(hostile string) {
	s.Helper()
	for _, command := range [][]string{{"history"}, {"history", "--format", "json"}, {"users", "list"}} {
		status, out, problems := s.command(command...)
		if lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n"); status != 0 || len(lines) > 2 {
			s.Errorf("%v: status %d, %d lines, want one line per row:\n%q%s", command, status, len(lines), out, problems)
		}
		if command[len(command)-1] == "json" {
			var row struct{ Email string }
			if err := json.Unmarshal([]byte(out), &row); err != nil || row.Email != hostile {
				s.Errorf("%v: %q %v, want the value of the row", command, row.Email, err)
			}
			out = strings.ReplaceAll(out, "\u202e", "") // JSON is for programs and may contain any letter
			out = strings.ReplaceAll(out, "\u009b", "")
		}
		s.wantPrintable(strings.ReplaceAll(out, "\n", ""))
	}
}
