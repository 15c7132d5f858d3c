package config

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
)

// Template returns a file of settings that explains every variable and sets none.
func Template() string {
	var b strings.Builder
	b.WriteString("# Settings of resetd. A line that begins with # sets nothing: it shows the default.\n")
	for _, v := range variables() {
		fmt.Fprintf(&b, "\n# %s\n#%s=%s\n", v.help, v.name, v.preset)
	}
	return b.String()
}

// Help explains a variable.
type Help struct{ Name, Help string }

// SecretHelp explains the secrets.
func SecretHelp() (all []Help) {
	for _, s := range secretVariables {
		all = append(all, Help{s.name, s.fileHelp()})
	}
	return all
}

// variable describes a setting or a secret.
type variable struct{ name, help, preset string }

func (v variable) fileHelp() string {
	return v.help + " May be in a file that " + v.name + "_FILE names."
}

// variables returns all secrets and settings.
func variables() (all []variable) {
	for _, s := range secretVariables {
		all = append(all, variable{s.name, s.fileHelp(), s.preset})
	}
	for field := range reflect.TypeFor[Settings]().Fields() { // kong reads the same tags
		flag := cmp.Or(field.Tag.Get("name"), kebab(field.Name))
		all = append(all, variable{Variable(flag), field.Tag.Get("help"), field.Tag.Get("default")})
	}
	return all
}

// Set sets a variable in the text of a file: in place of its explanation's line, or at
// the end.
func Set(text, name, value string) string {
	line := name + "=" + quote(value) + "\n"
	before, after, found := strings.Cut("\n"+text, "\n#"+name+"=")
	if !found {
		return text + line
	}
	_, after, _ = strings.Cut(after, "\n")
	return strings.TrimPrefix(before+"\n"+line+after, "\n")
}

// quote returns a value as parseLine reads it.
func quote(value string) string {
	if value == "" || !strings.ContainsAny(value, "\\\"' \t;") {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
