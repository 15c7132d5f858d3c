package accounts

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// presetOptions are the last part of a preset's file: what may follow its name in
// RESETD_ACCOUNTS. The texts replace {their name} in the part above.
//
//	[options]            # the user may write table=members
//	table = "users"
//	[texts]              # only modules change these
//	clear = "remember_created_at = NULL"
//	[modules.lockable]   # the user may write lockable; {clear} is the text so far
//	clear = "{clear}, locked_at = NULL"
type presetOptions struct {
	Values  map[string]string            `toml:"options"`
	Texts   map[string]string            `toml:"texts"`
	Modules map[string]map[string]string `toml:"modules"`
}

// options splits a preset's file into the part that a user reads and its options.
func options(text string) (own string, o presetOptions, err error) {
	own, rest, found := strings.Cut(text, "\n[options]\n")
	if found {
		own += "\n"
		err = toml.Unmarshal([]byte("[options]\n"+rest), &o)
	}
	return own, o, err
}

// apply sets the chosen options: "name=value" or the name of a module.
func (o presetOptions) apply(chosen []string) error {
	var modules []string
	for _, c := range chosen {
		name, value, given := strings.Cut(strings.TrimSpace(c), "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		_, isModule := o.Modules[name]
		_, isValue := o.Values[name]
		switch {
		case given && isValue && optionValue.MatchString(value):
			o.Values[name] = value
		case given && isValue:
			return fmt.Errorf("option %s: %q is not the name of a table or column; for anything else change a copy of the preset, see `resetd accounts show`", name, value)
		case !given && isModule:
			modules = append(modules, name)
		default:
			return fmt.Errorf("there is no option %q; %s", c, o)
		}
	}
	slices.Sort(modules) // the result is the same for every order
	for _, name := range modules {
		o.add(o.Modules[name])
	}
	return nil
}

// optionValue is a name in SQL, or a part of one.
var optionValue = regexp.MustCompile("^[\\pL\\pN_.$\"`-]*$")

func (o presetOptions) add(module map[string]string) {
	before := presetOptions{Values: maps.Clone(o.Values), Texts: maps.Clone(o.Texts)}
	for name, text := range module {
		into := o.Values
		if _, isText := o.Texts[name]; isText {
			into = o.Texts
		}
		into[name] = before.replace(text)
	}
}

// replace writes the texts into the places of their names.
func (o presetOptions) replace(text string) string {
	var pairs []string
	for _, all := range []map[string]string{o.Values, o.Texts} {
		for name, value := range all {
			pairs = append(pairs, "{"+name+"}", value)
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// String lists the options, for an error.
func (o presetOptions) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(o.Values)) {
		all = append(all, name+"=...")
	}
	all = append(all, slices.Sorted(maps.Keys(o.Modules))...)
	if len(all) == 0 {
		return "this preset has none"
	}
	return "this preset has " + strings.Join(all, ", ")
}
