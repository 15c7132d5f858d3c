// Package sqltext splits SQL into its parameters, its words, and what must not be
// changed: literals, quoted names and comments. Databases differ in how they write
// these, so a statement has to be read in the syntax of its own database.
package sqltext

import (
	"regexp"
	"strconv"
	"strings"
)

// Syntax is how a database writes quotes, comments and parameters.
type Syntax struct {
	dollarQuotes bool // $$text$$ and $tag$text$tag$, and escapes in E'text'
	nested       bool // /* /* */ */
	backslashes  bool // \' is a character of a literal
	backticks    bool // `name`
	brackets     bool // [name]
	hash         bool // # begins a comment, and -- only before a blank

	questions bool // parameters are ?, one for each use
}

// The syntaxes of the databases.
var (
	Postgres = Syntax{dollarQuotes: true, nested: true}
	SQLite   = Syntax{backticks: true, brackets: true}
	MySQL    = Syntax{backslashes: true, backticks: true, hash: true, questions: true}
)

// All are all syntaxes, for a text whose database is not known.
var All = []Syntax{Postgres, SQLite, MySQL}

// Kind is what a Part is.
type Kind int

// The kinds.
const (
	Other     Kind = iota // literals, comments, operators, blanks
	Name                  // a word, or a quoted name with its quotes
	Parameter             // $1, $name or {name}
)

// Part is a piece of a statement. All parts together are the statement.
type Part struct {
	Kind Kind
	Text string
}

var (
	word      = regexp.MustCompile(`^[\pL_\x{80}-\x{10FFFF}][\pL\pN_$\x{80}-\x{10FFFF}]*`)
	dollarTag = regexp.MustCompile(`^\$(?:[\pL_][\pL\pN_]*)?\$`)
	parameter = regexp.MustCompile(`^(?:\$(?:\d+|[a-z][a-z0-9_]*)|\{[a-z][a-z0-9_]*\})`)
	number    = regexp.MustCompile(`^\d[\pL\pN_]*`)
)

// Parts splits a statement.
func (x Syntax) Parts(s string) (parts []Part) {
	for s != "" {
		kind, n := x.next(s)
		if last := len(parts) - 1; kind == Other && last >= 0 && parts[last].Kind == Other {
			parts[last].Text += s[:n]
		} else {
			parts = append(parts, Part{kind, s[:n]})
		}
		s = s[n:]
	}
	return parts
}

// next returns the kind and the length of what a text begins with.
func (x Syntax) next(s string) (Kind, int) {
	switch {
	case s[0] == '\'', s[0] == '"' && x.backslashes:
		return Other, quoted(s, s[0], x.backslashes)
	case s[0] == '"', s[0] == '`' && x.backticks:
		return Name, quoted(s, s[0], false)
	case s[0] == '[' && x.brackets:
		return Name, until(s, 1, "]")
	case x.comment(s):
		return Other, until(s, 1, "\n")
	case strings.HasPrefix(s, "/*"):
		return Other, x.block(s)
	}
	if tag := dollarTag.FindString(s); tag != "" && x.dollarQuotes {
		return Other, until(s, len(tag), tag)
	}
	if p := parameter.FindString(s); p != "" {
		return Parameter, len(p)
	}
	if w := word.FindString(s); w != "" {
		if x.dollarQuotes && strings.EqualFold(w, "e") && strings.HasPrefix(s[len(w):], "'") {
			return Other, len(w) + quoted(s[len(w):], '\'', true)
		}
		return Name, len(w)
	}
	return Other, max(1, len(number.FindString(s)))
}

// comment reports whether a comment that ends with its line begins here.
func (x Syntax) comment(s string) bool {
	if x.hash {
		return s[0] == '#' || strings.HasPrefix(s, "--") && (len(s) == 2 || s[2] <= ' ')
	}
	return strings.HasPrefix(s, "--")
}

// block returns the length of a comment in /* */.
func (x Syntax) block(s string) int {
	if !x.nested {
		return until(s, 2, "*/")
	}
	for i, depth := 2, 1; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i++
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i++
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}

// quoted returns the length of a text in quotes. A quote in it is doubled or, with
// escapes, after a backslash.
func quoted(s string, quote byte, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && escapes:
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return i + 1
		}
	}
	return len(s)
}

// until returns the length up to and including end, which is searched after from.
func until(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// Bind returns a statement with the database's own parameters, and their values in
// that order. value returns the value of a parameter, or false for a text that is not
// one. It is called once for each name.
func (x Syntax) Bind(s string, value func(name string) (any, bool)) (string, []any) {
	var sql strings.Builder
	var bound []any
	at := map[string]int{} // the places, from 1; 0: not a parameter
	for _, p := range x.Parts(s) {
		if p.Kind != Parameter {
			sql.WriteString(p.Text)
			continue
		}
		place, seen := at[p.Text]
		if !seen {
			if v, known := value(p.Text); known {
				bound = append(bound, v)
				place = len(bound)
			}
			at[p.Text] = place
		}
		switch {
		case place == 0:
			sql.WriteString(p.Text)
		case !x.questions:
			sql.WriteString("$" + strconv.Itoa(place))
		default:
			if seen { // each ? has its own value
				bound = append(bound, bound[place-1])
			}
			sql.WriteByte('?')
		}
	}
	return sql.String(), bound
}
