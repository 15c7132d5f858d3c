// Package check diagnoses an installation, so that an operator finds a mistake before
// the users do. It reads the settings, connects to the database and the mail server, and
// tries the statements. Each result is one line. A problem comes with its remedy.
//
// It changes nothing. It creates no table, key or row, it sends no email, and it rolls
// back each statement that writes. All checks run, even if others fail. A check
// that can't run reports the reason.
package check

import (
	"context"
	"slices"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
)

// State is the first word of a line.
type State string

// The states. Only Wrong makes the command fail.
const (
	OK      State = "ok"
	Note    State = "note"  // works, but the operator should know it
	Wrong   State = "WRONG" // the text contains the remedy
	Skipped State = "skip"  // the check could not run
)

// Result is one line of the output.
type Result struct {
	State   State
	Subject string // of the check
	Text    string
}

// Input holds the installation to check.
type Input struct {
	Config    config.Config // the valid settings; others may be empty
	Problems  error         // the invalid settings; nil if all are valid
	SecretKey string        // as in the environment; empty if it is a file beside the database
	Templates func() error  // parses and renders all templates
	Now       func() time.Time
	Verify    *Credentials // nil without --verify
}

// finding is a Result without its subject, which Run adds.
type finding struct {
	state State
	text  string
}

func ok(text string) finding    { return finding{OK, text} }
func note(text string) finding  { return finding{Note, text} }
func wrong(text string) finding { return finding{Wrong, text} }
func skip(text string) finding  { return finding{Skipped, text} }

// check is one check. Run skips it if a variable that it needs is invalid, or if it
// needs the database and the database can't be opened.
type check struct {
	subject  string
	needs    []string
	database bool
	look     func(*inspection, context.Context) []finding
}

// checks are in the order in which an operator sets up an installation.
var checks = []check{
	{"settings", nil, false, (*inspection).settings},
	{"address", []string{"RESETD_BASE_URL", "RESETD_ADDR", "RESETD_TRUSTED_PROXIES"}, false, (*inspection).address},
	{"listener", []string{"RESETD_ADDR"}, false, (*inspection).listener},
	{"templates", []string{"RESETD_TEMPLATES_DIR", "RESETD_SITE_NAME", "RESETD_BASE_URL", "RESETD_MAIL_FROM"}, false, (*inspection).templates},
	{"database", []string{"RESETD_DATABASE_URL"}, false, (*inspection).connect},
	{"durability", nil, true, (*inspection).durability},
	{"clock", nil, true, (*inspection).clock},
	{"tables", nil, true, (*inspection).tables},
	{"accounts", []string{"RESETD_ACCOUNTS"}, true, (*inspection).accounts},
	{"addresses", []string{"RESETD_ACCOUNTS"}, true, (*inspection).addresses},
	{"privileges", []string{"RESETD_ACCOUNTS"}, true, (*inspection).privileges},
	{"hashes", []string{"RESETD_ACCOUNTS", "RESETD_PEPPER"}, true, (*inspection).hashes},
	{"key", []string{"RESETD_SECRET_KEY", "RESETD_DATABASE_URL"}, false, (*inspection).key},
	{"breaches", []string{"RESETD_PASSWORD_BREACHED", "RESETD_PASSWORD_BREACHED_FAIL"}, false, (*inspection).breaches},
	{"mail", []string{"RESETD_MAIL_URL", "RESETD_MAIL_PASSWORD", "RESETD_MAIL_FROM", "RESETD_BASE_URL"}, false, (*inspection).mail},
	{"sender", []string{"RESETD_MAIL_URL", "RESETD_MAIL_FROM", "RESETD_MAIL_REPLY_TO", "RESETD_BASE_URL"}, false, (*inspection).sender},
}

// inspection runs the checks. Later checks use the results of earlier ones.
type inspection struct {
	Input
	invalid map[string]bool    // variables with invalid values
	db      *inspect.Inspector // nil if the database can't be opened
	facts   inspect.Facts
	noDB    string // the reason why db is nil
	schema  sqldb.Schema
	behind  bool            // migrations are pending
	broken  bool            // a statement of the accounts failed
	sample  []reset.Account // some accounts, may be empty
}

// Run runs all checks and calls report with each result at once. It returns the number
// of failed checks and the number of all checks.
func Run(ctx context.Context, in Input, report func(Result)) (failed, all int) {
	i := &inspection{Input: in, invalid: invalidVariables(in.Problems), noDB: "RESETD_DATABASE_URL is invalid, see above"}
	defer i.close()
	selected := checks
	if in.Verify != nil {
		selected = append(slices.Clone(checks), check{"verify", []string{"RESETD_ACCOUNTS", "RESETD_PEPPER"}, true, (*inspection).verify})
	}
	for _, c := range selected {
		isWrong := false
		for _, f := range i.run(ctx, c) {
			isWrong = isWrong || f.state == Wrong
			report(Result{f.state, c.subject, f.text})
		}
		if isWrong {
			failed++
		}
	}
	return failed, len(selected)
}

func (i *inspection) run(ctx context.Context, c check) []finding {
	for _, variable := range c.needs {
		if i.invalid[variable] {
			return []finding{skip(variable + " is invalid, see above")}
		}
	}
	if c.database && i.db == nil {
		return []finding{skip(i.noDB)}
	}
	return c.look(i, ctx)
}

func (i *inspection) close() {
	if i.db != nil {
		_ = i.db.Close()
	}
}
