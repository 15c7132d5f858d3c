package accounts

import (
	"bufio"
	"embed"
	"fmt"
	"slices"
	"strings"
)

// Builtin is the preset of the built-in accounts.
const Builtin = "builtin"

//go:embed presets/*.toml
var presets embed.FS

// Presets returns the names of the presets, the built-in accounts first.
func Presets() []string {
	return []string{Builtin, "django", "flask-bcrypt", "werkzeug", "devise", "rails", "laravel", "symfony", "wordpress", "drupal", "joomla", "phoenix", "prisma", "strapi", "directus", "supabase", "aspnet-identity"}
}

// Preset returns the text of a preset: TOML, which can be copied and changed. The name
// may be followed by options, see apply: "devise,lockable,table=members".
func Preset(spec string) ([]byte, error) {
	name, chosen, _ := strings.Cut(spec, ",")
	if !slices.Contains(Presets(), name) {
		return nil, fmt.Errorf("%q is not one of %s", name, strings.Join(Presets(), ", "))
	}
	text, err := presets.ReadFile("presets/" + name + ".toml")
	if err != nil {
		return nil, err
	}
	own, o, err := options(string(text))
	if err != nil {
		return nil, err
	}
	if chosen != "" {
		if err := o.apply(strings.Split(chosen, ",")); err != nil {
			return nil, err
		}
	}
	// Texts may contain options.
	return []byte(o.replace(o.replace(own))), nil
}

// IsPreset reports whether a value of RESETD_ACCOUNTS begins with the name of a preset.
func IsPreset(spec string) bool {
	name, _, _ := strings.Cut(spec, ",")
	return slices.Contains(Presets(), name)
}

// Summary returns the first line of a preset, a comment that states its purpose.
func Summary(name string) (string, error) {
	text, err := Preset(name)
	if err != nil {
		return "", err
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	lines.Scan()
	return strings.TrimPrefix(lines.Text(), "# "), lines.Err()
}
