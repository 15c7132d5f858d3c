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
	"fmt"
	"slices"
	"strings"
	"time"

	"resetd/internal/config"
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
	Secrets   []string      // files of secrets
	TLSKey    string        // the file of the certificate's key, if any
	File      string        // of settings, given with --config, if any
	Templates func() error  // parses and renders all templates
	Fresh     bool          // the service was never started, so missing tables are not a problem
	Now       func() time.Time
	Verify    *Credentials // nil without --verify
}

// results are the results of one check. Run sets their subject.
type results []Result

func ok(format string, args ...any) results    { return one(OK, format, args) }
func note(format string, args ...any) results  { return one(Note, format, args) }
func wrong(format string, args ...any) results { return one(Wrong, format, args) }
func skip(format string, args ...any) results  { return one(Skipped, format, args) }

func one(state State, format string, args []any) results {
	return results{{State: state, Text: fmt.Sprintf(format, args...)}}
}

// failed returns an error as a problem, on one line.
func failed(err error) results { return wrong("%s", strings.ReplaceAll(err.Error(), "\n", "; ")) }

// or returns others if there are no results.
func (r results) or(others results) results {
	if len(r) == 0 {
		return others
	}
	return r
}

// database is a database that a check needs.
type database int

const (
	none   database = iota
	record          // resetd's own tables
	holder          // of the accounts; usually the record
)

// check is one check. Run skips it if a variable that it needs is invalid, or if it
// needs a database that can't be opened.
type check struct {
	subject  string
	needs    []string
	database database
	look     func(*inspection, context.Context) results
}

// checks are in the order in which an operator sets up an installation.
var checks = []check{
	{"settings", nil, none, (*inspection).settings},
	{"address", []string{"RESETD_BASE_URL", "RESETD_ADDR", "RESETD_TRUSTED_PROXIES"}, none, (*inspection).address},
	{"listener", []string{"RESETD_ADDR"}, none, (*inspection).listener},
	{"certificate", []string{"RESETD_TLS_CERT", "RESETD_BASE_URL"}, none, (*inspection).certificate},
	{"templates", []string{"RESETD_TEMPLATES_DIR", "RESETD_SITE_NAME", "RESETD_BASE_URL", "RESETD_MAIL_FROM"}, none, (*inspection).templates},
	{"database", []string{"RESETD_DATABASE_URL"}, none, (*inspection).connect},
	{"durability", nil, record, (*inspection).durability},
	{"clock", nil, record, (*inspection).clock},
	{"tables", nil, record, (*inspection).tables},
	{"accounts database", []string{"RESETD_ACCOUNTS_DATABASE_URL"}, none, (*inspection).connectAccounts},
	{"accounts", []string{"RESETD_ACCOUNTS"}, holder, (*inspection).accounts},
	{"addresses", []string{"RESETD_ACCOUNTS"}, holder, (*inspection).addresses},
	{"privileges", []string{"RESETD_ACCOUNTS"}, holder, (*inspection).privileges},
	{"hashes", []string{"RESETD_ACCOUNTS", "RESETD_PEPPER"}, holder, (*inspection).hashes},
	{"sign-in", []string{"RESETD_ACCOUNTS"}, holder, (*inspection).conditions},
	{"key", []string{"RESETD_SECRET_KEY", "RESETD_DATABASE_URL"}, none, (*inspection).key},
	{"breaches", []string{"RESETD_PASSWORD_BREACHED", "RESETD_PASSWORD_BREACHED_FAIL"}, none, (*inspection).breaches},
	{"mail", []string{"RESETD_MAIL_URL", "RESETD_MAIL_PASSWORD", "RESETD_MAIL_FROM", "RESETD_BASE_URL"}, none, (*inspection).mail},
	{"sender", []string{"RESETD_MAIL_URL", "RESETD_MAIL_FROM", "RESETD_MAIL_REPLY_TO", "RESETD_BASE_URL"}, none, (*inspection).sender},
}

// Run runs all checks and calls report with each result at once. It returns the number
// of failed checks and the number of all checks that reported something.
func Run(ctx context.Context, in Input, report func(Result)) (failed, all int) {
	i := &inspection{Input: in, invalid: invalidVariables(in.Problems)}
	i.noDB, i.users.noDB = "RESETD_DATABASE_URL is invalid, see above", "RESETD_ACCOUNTS_DATABASE_URL is invalid, see above"
	defer i.close()
	selected := slices.Clone(checks)
	if in.Config.OIDC != nil {
		selected = append(selected, check{"sign-in of staff", []string{"RESETD_OIDC_ISSUER", "RESETD_OIDC_CLIENT_ID", "RESETD_OIDC_CLIENT_SECRET", "RESETD_OIDC_ROLE_CLAIM", "RESETD_OIDC_ROLES"}, none, (*inspection).oidc})
	}
	if in.Verify != nil {
		selected = append(selected, check{"verify", []string{"RESETD_ACCOUNTS", "RESETD_PEPPER"}, holder, (*inspection).verify})
	}
	if in.Verify == nil && !in.Config.Builtin {
		selected = append(selected, check{"proof", []string{"RESETD_ACCOUNTS"}, holder, (*inspection).proof})
	}
	for _, c := range selected {
		isWrong := false
		found := i.run(ctx, c)
		for _, r := range found {
			isWrong = isWrong || r.State == Wrong
			report(Result{r.State, c.subject, r.Text})
		}
		if isWrong {
			failed++
		}
		if len(found) > 0 { // a subject that does not apply, such as a certificate, has no line
			all++
		}
	}
	return failed, all
}

// flatten returns the errors that errors.Join has joined.
func flatten(err error) (all []error) {
	joined, isJoined := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !isJoined:
		return []error{err}
	}
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}
