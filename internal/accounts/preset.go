package accounts

import (
	"bufio"
	"embed"
	"fmt"
	"strings"
)

// Builtin is the preset of the accounts that resetd keeps itself.
const Builtin = "builtin"

//go:embed presets/*.toml
var presets embed.FS

// Presets are the names of the directories that ship, resetd's own first.
func Presets() []string {
	return []string{Builtin, "django", "flask-bcrypt", "werkzeug", "devise", "laravel"}
}

// Preset is the text of one of them: TOML, to read and to start one's own from.
func Preset(name string) ([]byte, error) {
	text, err := presets.ReadFile("presets/" + name + ".toml")
	if err != nil {
		return nil, fmt.Errorf("%q is not one of %s", name, strings.Join(Presets(), ", "))
	}
	return text, nil
}

// Summary is what a preset is for, in a line: its first, a comment.
func Summary(name string) (string, error) {
	text, err := Preset(name)
	if err != nil {
		return "", err
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	lines.Scan()
	return strings.TrimPrefix(lines.Text(), "# "), lines.Err()
}
