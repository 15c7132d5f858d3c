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
	for _, v := range secretVariables() {
		all = append(all, Help{v.name, v.help})
	}
	return all
}

// variable describes a setting or a secret.
type variable struct{ name, help, preset string }

// secretVariables returns all secrets.
func secretVariables() (all []variable) {
	for field := range reflect.TypeFor[Secrets]().Fields() {
		name := Variable(kebab(strings.Replace(field.Name, "URL", "Url", 1)))
		all = append(all, variable{name, field.Tag.Get("help") + " May be in a file that " + name + "_FILE names.", field.Tag.Get("default")})
	}
	return all
}

// variables returns all secrets and settings.
func variables() []variable {
	all := secretVariables()
	for field := range reflect.TypeFor[Settings]().Fields() {
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
