package accounts

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Statement is SQL with $1, $2, ... and {uuid}, {random60}, {now}. All of them become
// bound parameters.
type Statement string

var parameter = regexp.MustCompile(`\$\d+|\{(?:uuid|random60|now)\}`)

// Bind returns the SQL with renumbered parameters, and the arguments in that order. It
// binds only the parameters that the statement uses, because PostgreSQL refuses
// others.
func (s Statement) Bind(now time.Time, args ...any) (string, []any) {
	var bound []any
	at := map[string]int{}
	sql := parameter.ReplaceAllStringFunc(string(s), func(name string) string {
		if at[name] == 0 {
			bound = append(bound, value(name, now, args))
			at[name] = len(bound)
		}
		return "$" + strconv.Itoa(at[name])
	})
	return sql, bound
}

// With returns the SQL with columns in the place of $1, $2, ...
func (s Statement) With(columns ...string) string {
	return parameter.ReplaceAllStringFunc(string(s), func(name string) string {
		n, _ := strconv.Atoi(name[1:]) // find has no other parameters
		return columns[n-1]
	})
}

func value(name string, now time.Time, args []any) any {
	switch name {
	case "{uuid}":
		return uuid.NewString()
	case "{random60}":
		return random60()
	case "{now}":
		return now
	default:
		n, _ := strconv.Atoi(name[1:]) // can't fail after check
		return args[n-1]
	}
}

// random60 returns sixty random characters, the form of Laravel's remember_token.
func random60() string {
	var b strings.Builder
	for b.Len() < 60 {
		b.WriteString(rand.Text())
	}
	return b.String()[:60]
}

// check refuses an empty statement, and parameters above last.
func (s Statement) check(name string, last int) error {
	if strings.TrimSpace(string(s)) == "" {
		return fmt.Errorf("%s is missing", name)
	}
	for _, p := range parameter.FindAllString(string(s), -1) {
		if !strings.HasPrefix(p, "$") {
			continue
		}
		if n, err := strconv.Atoi(p[1:]); err != nil || n < 1 || n > last {
			return fmt.Errorf("%s: there is no parameter %s", name, p)
		}
	}
	return nil
}
