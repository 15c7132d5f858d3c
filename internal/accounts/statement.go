package accounts

import (
	"crypto/rand"
	"fmt"
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
	return x.Bind(string(s), func(name string) (any, bool) { return value(name, now, args) })
}

// With returns the SQL with columns in the place of $1, $2, ...
func (s Statement) With(x sqltext.Syntax, columns ...string) string {
	var sql strings.Builder
	for _, p := range x.Parts(string(s)) {
		if n := place(p); n > 0 && n <= len(columns) {
			p.Text = columns[n-1]
		}
		sql.WriteString(p.Text)
	}
	return sql.String()
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
func (s Statement) check(name string, last int) (err error) {
	if strings.TrimSpace(string(s)) == "" {
		return fmt.Errorf("%s is missing", name)
	}
	for _, x := range sqltext.All {
		if err = s.checkIn(x, name, last); err == nil {
			return nil
		}
	}
	return err
}

func (s Statement) checkIn(x sqltext.Syntax, name string, last int) error {
	for _, p := range x.Parts(string(s)) {
		if p.Kind != sqltext.Parameter || p.Text[0] == '{' {
			continue
		}
		if n := place(p); n < 1 || n > last {
			return fmt.Errorf("%s: there is no parameter %s", name, p.Text)
		}
	}
	return nil
}
