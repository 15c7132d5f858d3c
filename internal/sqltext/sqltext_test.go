package sqltext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var names = map[string]Syntax{"postgres": Postgres, "sqlite": SQLite, "mysql": MySQL}

// bind binds $n to n and {now} to now.
func bind(x Syntax, s string) (string, []any) {
	return x.Bind(s, func(name string) (any, bool) {
		name = strings.Trim(name, "${}")
		return name, name == "now" || len(name) == 1
	})
}

// What a database does not read as a parameter must stay as it is.
func TestTextIsNotAParameter(t *testing.T) {
	for in, where := range map[string]string{
		`'$2y$%'`:                       "postgres sqlite mysql",
		`'{now}'`:                       "postgres sqlite mysql",
		`'it''s $1'`:                    "postgres sqlite mysql",
		`'$1' || '$2'`:                  "postgres sqlite mysql",
		`'an open text $1`:              "postgres sqlite mysql",
		`"a ""name"" of $1"`:            "postgres sqlite mysql",
		"x -- until $1 ends {now}":      "postgres sqlite mysql",
		"x /* $1 \n {now} */":           "postgres sqlite mysql",
		"x /* open $1":                  "postgres sqlite mysql",
		"price$1, año$2":                "postgres sqlite mysql",
		"'a\n$1'":                       "postgres sqlite mysql",
		"x /* a /* b */ $1 */":          "postgres",
		`$$ $1 {now} '$2 $$`:            "postgres",
		`$fn$ $$ $1 $$ '{now} $fn$`:     "postgres",
		`$été$ $1 $été$`:                "postgres",
		`E'it\'s $1'`:                   "postgres mysql",
		`e'\\' || 'it $1'`:              "postgres",
		`U&'\0024 $1'`:                  "postgres sqlite",
		"`a column of $1`":              "sqlite mysql",
		"[a column of $1]":              "sqlite",
		`'it\'s $1'`:                    "mysql",
		`"it\"s $1"`:                    "mysql",
		"x # until $1 ends":             "mysql",
		"x --\tuntil $1 ends\n, y # $1": "mysql",
		`'' '$1' "" ''''`:               "postgres sqlite mysql",
	} {
		for name := range strings.FieldsSeq(where) {
			if sql, args := bind(names[name], in); sql != in || args != nil {
				t.Errorf("%s: %s: got %s with %v", name, in, sql, args)
			}
		}
	}
}

func TestParametersAreBound(t *testing.T) {
	for in, want := range map[string]struct {
		where, numbered, questions string
		args                       []any // of questions
	}{
		"a = $1":                              {"postgres sqlite mysql", "a = $1", "a = ?", []any{"1"}},
		"$2, $1, $2":                          {"postgres sqlite mysql", "$1, $2, $1", "?, ?, ?", []any{"2", "1", "2"}},
		"{now}, {now}":                        {"postgres sqlite mysql", "$1, $1", "?, ?", []any{"now", "now"}},
		"'$2'||$2||'$2' -- $1\n+$1":           {"postgres sqlite mysql", "'$2'||$1||'$2' -- $1\n+$2", "'$2'||?||'$2' -- $1\n+?", []any{"2", "1"}},
		`'\' || $1 || '\'`:                    {"postgres sqlite", `'\' || $1 || '\'`, "", nil},
		"/* a /* b */ $1":                     {"sqlite mysql", "/* a /* b */ $1", "/* a /* b */ ?", []any{"1"}},
		"ARRAY[$1, $2]":                       {"postgres", "ARRAY[$1, $2]", "", nil},
		"a--$1\n":                             {"mysql", "", "a--?\n", []any{"1"}},
		"a # $1":                              {"postgres", "a # $1", "", nil},
		"'{\"a\": $1}' || {now}":              {"postgres sqlite mysql", "'{\"a\": $1}' || $1", "'{\"a\": $1}' || ?", []any{"now"}},
		"{other} || $99 || $name || $1":       {"postgres sqlite mysql", "{other} || $99 || $name || $1", "{other} || $99 || $name || ?", []any{"1"}},
		"CAST($1AS text), (1)$2":              {"postgres sqlite mysql", "CAST($1AS text), (1)$2", "CAST(?AS text), (1)?", []any{"1", "2"}},
		"$$ $9 $$ || $1 || $a$ $9 $$ $a$||$2": {"postgres", "$$ $9 $$ || $1 || $a$ $9 $$ $a$||$2", "", nil},
	} {
		for name := range strings.FieldsSeq(want.where) {
			sql, args := bind(names[name], in)
			if name != "mysql" {
				if diff := cmp.Diff(want.numbered, sql); diff != "" {
					t.Errorf("%s: %s: (-want +got)\n%s", name, in, diff)
				}
				continue
			}
			if diff := cmp.Diff(want.questions, sql) + cmp.Diff(want.args, args); diff != "" {
				t.Errorf("%s: %s: (-want +got)\n%s", name, in, diff)
			}
		}
	}
}

func FuzzPartsAreTheWholeStatement(f *testing.F) {
	f.Add("SELECT $1, '$2', $$ $3 $$, /* $4 */ \"a\" -- {now}")
	f.Fuzz(func(t *testing.T, s string) {
		for _, x := range All {
			var whole strings.Builder
			for _, p := range x.Parts(s) {
				whole.WriteString(p.Text)
			}
			if whole.String() != s {
				t.Errorf("%q: got %q", s, whole.String())
			}
		}
	})
}
