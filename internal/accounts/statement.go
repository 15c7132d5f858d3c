package accounts

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/sqltext"
)

// Statement is SQL with $1, $2, ... and {uuid}, {random60}, {now}. All of them become
// bound parameters, except in literals, quoted names and comments.
type Statement string

// Bind returns the SQL with the parameters of a database, and the arguments in that
// order. It binds only the parameters that the statement uses, because databases
// refuse others.
func (s Statement) Bind(x sqltext.Syntax, now time.Time, args ...any) (string, []any) {
	return s.bind(x, now, nil, args...)
}

func (s Statement) bind(x sqltext.Syntax, now time.Time, named map[string]any, args ...any) (string, []any) {
	return x.Bind(string(s), func(name string) (any, bool) {
		if v, is := named[name]; is {
			return v, true
		}
		return value(name, now, args)
	})
}

// partNames are the names of a new hash and its parts, see password.Scheme.Parts.
var partNames = []string{"$hash", "$salt_hex", "$salt_base64", "$key_hex", "$key_base64", "$iterations"}

// BindSetPassword binds set_password. The present hash is compared. Parts that the new hash
// does not have are NULL: with match that depends on the account.
func (d Directory) BindSetPassword(x sqltext.Syntax, now time.Time, id, hash, present string) (string, []any) {
	parts := map[string]any{}
	for _, name := range partNames {
		parts[name] = nil
	}
	maps.Copy(parts, d.Scheme("").Parts(hash))
	return d.SetPassword.bind(x, now, parts, id, hash, present)
}

// names reports whether the statement has one of these parameters.
func (s Statement) names(some []string) bool {
	for _, x := range sqltext.All {
		if !slices.ContainsFunc(x.Parts(string(s)), func(p sqltext.Part) bool {
			return p.Kind == sqltext.Parameter && slices.Contains(some, p.Text)
		}) {
			return false
		}
	}
	return true
}

// With returns the SQL with columns in the place of $1, $2, ..., for a place inside another
// statement: without the semicolon at its end.
func (s Statement) With(x sqltext.Syntax, columns ...string) string {
	var sql strings.Builder
	for _, p := range x.Parts(string(s)) {
		if n := place(p); n > 0 && n <= len(columns) {
			p.Text = columns[n-1]
		}
		sql.WriteString(p.Text)
	}
	return strings.TrimRight(sql.String(), "; \t\r\n")
}

// place returns the number of a numbered parameter; 0 for everything else.
func place(p sqltext.Part) int {
	if p.Kind != sqltext.Parameter {
		return 0
	}
	n, _ := strconv.Atoi(p.Text[1:])
	return n
}

// value returns the value of a parameter; false if there is none.
func value(name string, now time.Time, args []any) (any, bool) {
	switch name {
	case "{uuid}":
		return uuid.NewString(), true
	case "{random60}":
		return random60(), true
	case "{now}":
		return now, true
	}
	n, err := strconv.Atoi(name[1:])
	if err != nil || n < 1 || n > len(args) {
		return nil, false
	}
	return args[n-1], true
}

// random60 returns sixty random characters, the form of Laravel's remember_token.
func random60() string {
	var b strings.Builder
	for b.Len() < 60 {
		b.WriteString(rand.Text())
	}
	return b.String()[:60]
}

// check refuses an empty statement, and parameters above last. A parameter that is a
// text in the syntax of one database is not refused, because the file does not name
// the database.
func (s Statement) check(name string, last int, named ...string) (err error) {
	if strings.TrimSpace(string(s)) == "" {
		return fmt.Errorf("%s is missing", name)
	}
	for _, x := range sqltext.All {
		if err = s.checkIn(x, name, last, named); err == nil {
			return nil
		}
	}
	return err
}

func (s Statement) checkIn(x sqltext.Syntax, name string, last int, named []string) error {
	for _, p := range x.Parts(string(s)) {
		if p.Kind != sqltext.Parameter || p.Text[0] == '{' || slices.Contains(named, p.Text) {
			continue
		}
		if n := place(p); n < 1 || n > last {
			return fmt.Errorf("%s: there is no parameter %s", name, p.Text)
		}
	}
	return nil
}
