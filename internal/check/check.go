// Package check looks at an installation as whoever runs it would: it reads the
// settings, connects to what they name, tries what can be tried, and says in a
// line each what is well and what to do about the rest.
//
// It changes nothing. No table, key, file or row is made, no mail is sent, and
// what has to be written to be tried is rolled back. All checks run, even
// if others fail; one that can't run reports what is missing.
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

// State is how a line begins.
type State string

// The states. Only Wrong makes the command fail.
const (
	OK      State = "ok"
	Note    State = "note"  // works, and is worth knowing
	Wrong   State = "WRONG" // with what to do
	Skipped State = "skip"  // could not be looked at
)

// Result is a line: what was looked at and what was found.
type Result struct {
	State   State
	Subject string
	Text    string
}

// Input is what to look at.
type Input struct {
	Config    config.Config // as far as it could be understood
	Problems  error         // what could not, as config says it
	SecretKey string        // as it was said; empty where it is kept beside the database
	Templates func() error  // parses and tries all of them
	Now       func() time.Time
	Verify    *Credentials // nil: nobody gave any
}

// finding is a Result of a check that knows its subject.
type finding struct {
	state State
	text  string
}

func ok(text string) finding    { return finding{OK, text} }
func note(text string) finding  { return finding{Note, text} }
func wrong(text string) finding { return finding{Wrong, text} }
func skip(text string) finding  { return finding{Skipped, text} }

// check is one thing to look at. It is skipped if a variable that it needs
// could not be understood, or if it needs a database that cannot be opened.
type check struct {
	subject  string
	needs    []string
	database bool
	look     func(*inspection, context.Context) []finding
}

// checks in the order in which an installation is put up.
var checks = []check{
	{"settings", nil, false, (*inspection).settings},
	{"address", []string{"RESETD_BASE_URL", "RESETD_ADDR", "RESETD_TRUSTED_PROXIES"}, false, (*inspection).address},
	{"listener", []string{"RESETD_ADDR"}, false, (*inspection).listener},
	{"templates", []string{"RESETD_TEMPLATES_DIR", "RESETD_SITE_NAME", "RESETD_BASE_URL", "RESETD_MAIL_FROM"}, false, (*inspection).templates},
	{"database", []string{"RESETD_DATABASE_URL"}, false, (*inspection).reach},
	{"durability", nil, true, (*inspection).durability},
	{"clock", nil, true, (*inspection).clock},
	{"tables", nil, true, (*inspection).tables},
	{"accounts", []string{"RESETD_ACCOUNTS"}, true, (*inspection).accounts},
	{"privileges", []string{"RESETD_ACCOUNTS"}, true, (*inspection).privileges},
	{"hashes", []string{"RESETD_ACCOUNTS", "RESETD_PEPPER"}, true, (*inspection).hashes},
	{"key", []string{"RESETD_SECRET_KEY", "RESETD_DATABASE_URL"}, false, (*inspection).key},
	{"mail", []string{"RESETD_MAIL_URL", "RESETD_MAIL_PASSWORD", "RESETD_MAIL_FROM", "RESETD_BASE_URL"}, false, (*inspection).mail},
	{"sender", []string{"RESETD_MAIL_URL", "RESETD_MAIL_FROM", "RESETD_MAIL_REPLY_TO", "RESETD_BASE_URL"}, false, (*inspection).sender},
}

// inspection is the checks under way and what they found out for each other.
type inspection struct {
	Input
	unread map[string]bool    // variables that could not be understood
	db     *inspect.Inspector // nil: there is no database to look at
	facts  inspect.Facts
	noDB   string // why
	schema sqldb.Schema
	behind bool // the tables are not as the accounts need them
	broken bool // a statement of the accounts fails
	sample []reset.Account
}

// Run does all checks and calls say for each line as it comes. It returns how
// many checks there are and how many found something wrong.
func Run(ctx context.Context, in Input, say func(Result)) (failed, all int) {
	i := &inspection{Input: in, unread: unread(in.Problems), noDB: "RESETD_DATABASE_URL can't be read"}
	defer i.close()
	looks := checks
	if in.Verify != nil {
		looks = append(slices.Clone(checks), check{"verify", []string{"RESETD_ACCOUNTS", "RESETD_PEPPER"}, true, (*inspection).verify})
	}
	for _, c := range looks {
		bad := false
		for _, f := range i.run(ctx, c) {
			bad = bad || f.state == Wrong
			say(Result{f.state, c.subject, f.text})
		}
		if bad {
			failed++
		}
	}
	return failed, len(looks)
}

func (i *inspection) run(ctx context.Context, c check) []finding {
	for _, variable := range c.needs {
		if i.unread[variable] {
			return []finding{skip(variable + " can't be read, see above")}
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
