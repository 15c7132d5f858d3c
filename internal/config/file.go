package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ReadFile reads the variables of a file of settings. It reads lines NAME=VALUE as
// systemd's EnvironmentFile does (systemd.exec(5)), so one file serves both: lines that
// begin with # or ; are comments, quotes around a value are removed, and nothing is
// expanded. Libraries for such files cut a value at a #, which passwords may contain.
// The errors name lines, and no values.
func ReadFile(path string) (map[string]string, error) {
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	variables := map[string]string{}
	var problems []error
	number := 0
	for line := range strings.Lines(text) {
		number++
		name, value, err := parseLine(strings.TrimSpace(line))
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("%s, line %d: %w", path, number, err))
		case name != "":
			variables[name] = value
		}
	}
	return variables, errors.Join(problems...)
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseLine returns no name for a comment or an empty line.
func parseLine(line string) (name, value string, err error) {
	if line == "" || line[0] == '#' || line[0] == ';' {
		return "", "", nil
	}
	name, value, found := strings.Cut(line, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || !variableName.MatchString(name) {
		return "", "", errors.New("it is not NAME=VALUE")
	}
	if value == "" || value[0] != '"' && value[0] != '\'' {
		if strings.Contains(value, `\`) { // systemd would remove it, or go on in the next line
			return "", "", errors.New(`it contains \: put single quotes around the value`)
		}
		return name, value, nil
	}
	value, err = unquote(value)
	return name, value, err
}

// unquote removes the quotes around a value. Within double quotes, \ may stand before
// " $ ` and itself.
func unquote(value string) (string, error) {
	quote, inside := value[0], value[1:]
	if quote == '"' {
		inside = strings.NewReplacer(`\\`, "\x01", `\"`, "\x02", `\$`, "$", "\\`", "`").Replace(inside)
	}
	content, after, closed := strings.Cut(inside, string(quote))
	if !closed || after != "" {
		return "", errors.New("the quotes around the value do not match")
	}
	return strings.NewReplacer("\x01", `\`, "\x02", `"`).Replace(content), nil
}
