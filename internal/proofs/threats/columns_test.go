package threats

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// shown are all columns that staff can see.
var shown = []string{
	"id", "created_at", "expires_at", "user_id", "email", "created_by_ip", "created_by_agent", "requested_by", "withheld", "mail",
	"opened_at", "opened_by_ip", "used_at", "used_by_ip", "used_by_agent", "revoked_at", "revoked_by", "status", "was_used", "outcome",
}

// hidden are columns of this and of other tables that nobody may read, filter or sort
// by.
var hidden = []string{"account_state", "token", "mac", "password_hash", "password", "totp", "totp_step", "token_hash", "data", "settled", "1", "id; DROP TABLE users"}

// secrets returns everything that staff must never see: links, passwords and codes, and
// the values that they are compared with.
func (s *service) secrets(link string, members ...member) map[string]string {
	s.Helper()
	all := map[string]string{
		"the token": token(link), "its MAC": token(link)[22:], "the password's hash": s.db.Text(s.T, `SELECT password_hash FROM users`),
		"the account's state": s.db.Text(s.T, `SELECT account_state FROM password_resets WHERE account_state IS NOT NULL LIMIT 1`), "the key": secretKey,
	}
	for _, m := range members {
		all[m.name+"'s code secret"] = m.secret
		all[m.name+"'s session"] = m.Cookie("resetd_staff")
		all[m.name+"'s hash"] = s.db.Text(s.T, `SELECT password_hash FROM reset_staff WHERE name = '`+m.name+`'`)
		all[m.name+"'s sealed secret"] = s.db.Text(s.T, `SELECT totp FROM reset_staff WHERE name = '`+m.name+`'`)
	}
	return all
}

func TestSecretsAreNotShown(t *testing.T) {
	each(t, nil, func(s *service) {
		a := s.account(user)
		link := s.ask(user)
		s.browser().OpenLink(link)
		ada, arno := s.member("ada", "admin"), s.member("arno", "agent")
		id := s.newest(user)
		places := map[string]string{"the history": s.history("json") + s.history("csv") + s.history("table")}
		for _, path := range []string{
			"", "?only=resets&q=" + user, "/resets/" + id, "/accounts/" + a.ID, "/overview", "/audit", "/resets.csv", "/resets.json", "/login",
			"?sort=account_state&columns=account_state,token", "/resets.csv?fields=account_state", "/resets.json?select=*&include=user.password_hash",
		} {
			places["/support"+path] = ada.Get("/support" + path).Is(http.StatusOK).Body
		}
		places["a refused revocation"] = arno.revoke(id, "").Is(http.StatusUnprocessableEntity).Body
		_, places["the list of staff"], _ = s.command("staff", "list")
		places["the log"] = s.program.Log()
		for what, secret := range s.secrets(link, ada, arno) {
			for place, text := range places {
				if len(secret) < 8 || strings.Contains(text, secret) {
					s.Errorf("%s (%d bytes) is in %s", what, len(secret), place)
				}
			}
		}
	})
}

// A search for a secret or a part of it must find nothing. Otherwise staff could find
// the secret letter by letter.
func TestSecretsAreNotSearchable(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		m := s.member("ada", "admin")
		for what, secret := range s.secrets(link, m) {
			for _, part := range []string{secret, secret[:8], secret[len(secret)-9:]} {
				if part == token(link) { // leads to its reset, which its first bytes name anyway
					m.Get("/support?only=resets&q=" + part).To("/support?only=resets&q=" + s.newest(user))
					continue
				}
				if found := m.found("?q=" + url.QueryEscape(part)); len(found) != 0 {
					s.Errorf("%s is found by %q", what, part)
				}
			}
		}
		for _, column := range hidden {
			name := url.QueryEscape(column)
			p := m.Get("/support?status="+name).Is(http.StatusOK).Has(`[role="alert"]`, 1)
			p.Has(`.rows tbody tr`, 1) // it adds no condition
			m.Get("/support/resets.csv?status=" + name).Is(http.StatusBadRequest)
			if status, out, _ := s.command("history", "--status", column); status == 0 || out != "" {
				s.Errorf("history --status %s: %d %q", column, status, out)
			}
		}
	})
}

// The order of rows must reveal nothing either.
func TestSecretsDoNotSort(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		for range 5 {
			s.ask(user)
		}
		m := s.member("vera", "viewer")
		first := m.found("")
		export := m.Get("/support/resets.json").Is(http.StatusOK).Body
		for _, column := range slices.Concat(hidden, shown) {
			query := url.Values{column + "__startswith": {"a"}, "filter[" + column + "]": {"a"}, "sort[" + column + "]": {"desc"}}
			for _, name := range []string{"sort", "order", "order_by", "orderBy", "_sort"} {
				query.Set(name, column)
			}
			if column != "status" { // a filter, which refuses unknown values
				query.Set(column, "a")
			}
			if got := m.found("?" + query.Encode()); !slices.Equal(got, first) {
				s.Errorf("%s changes the list: %q, want %q", column, got, first)
			}
			if m.Get("/support/resets.json?"+query.Encode()).Body != export {
				s.Errorf("%s changes the export", column)
			}
		}
	})
}

func TestExportColumns(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.ask(user)
		m := s.member("vera", "viewer")
		for what, text := range map[string]string{"the page": m.Get("/support/resets.csv").Body, "the command": s.history("csv")} {
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if s.must(err); !slices.Equal(rows[0], shown) {
				s.Errorf("%s has the columns %q", what, rows[0])
			}
		}
		want := slices.Sorted(slices.Values(shown))
		for what, text := range map[string]string{"the page": m.Get("/support/resets.json").Body, "the command": s.history("json")} {
			var row map[string]any
			if s.must(json.Unmarshal([]byte(text), &row)); !slices.Equal(slices.Sorted(maps.Keys(row)), want) {
				s.Errorf("%s has the fields %v", what, row)
			}
		}
	})
}
