package accounts

import (
	"bufio"
	"embed"
	"fmt"
	"strings"
)

// Builtin is the preset of the built-in accounts.
const Builtin = "builtin"

//go:embed presets/*.toml
var presets embed.FS

// Presets returns the names of the presets, the built-in accounts first.
func Presets() []string {
	return []string{Builtin, "django", "flask-bcrypt", "werkzeug", "devise", "laravel"}
}

// Preset returns the text of a preset: TOML, which can be copied and changed.
func Preset(name string) ([]byte, error) {
	text, err := presets.ReadFile("presets/" + name + ".toml")
	if err != nil {
		return nil, fmt.Errorf("%q is not one of %s", name, strings.Join(Presets(), ", "))
	}
	return text, nil
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
