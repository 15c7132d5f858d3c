package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// others matches the variables, with their values, that Kubernetes and Docker set for a
// service or a container named resetd or resetd-SOMETHING, and those of resetd's tests.
var others = regexp.MustCompile(`^RESETD_(TEST_.*|NAME=/.*|ENV_.*|(.+_)?SERVICE_(HOST|PORT)(_[^=]*)?=.*|(.+_)?PORT=[a-z]+://.*|(.+_)?PORT_[0-9]+_(TCP|UDP|SCTP)(_[^=]*)?=.*)$`)

// Unknown returns an error for each variable RESETD_... that resetd does not read,
// such as a misspelt one or one in small letters. environ has the form of os.Environ.
func Unknown(environ []string) error {
	var problems []error
	known := variableNames()
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(strings.ToUpper(name), "RESETD_") || slices.Contains(known, name) || others.MatchString(pair) {
			continue
		}
		err := fmt.Errorf("%s: no setting has this name", name)
		if like := mostAlike(strings.ToUpper(name), known); like != "" {
			err = fmt.Errorf("%w; did you mean %s?", err, like)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// variableNames returns the names of all settings and secrets.
func variableNames() (names []string) {
	for _, v := range variables() {
		names = append(names, v.name)
	}
	for _, v := range secretVariables {
		names = append(names, v.name+"_FILE")
	}
	return append(names, copyToVariable, copyToVariable+"_FILE")
}

// SecretFiles returns the files that hold secrets.
func SecretFiles(getenv func(string) string) (files []string) {
	for _, v := range secretVariables {
		if file := getenv(v.name + "_FILE"); file != "" {
			files = append(files, file)
		}
	}
	return files
}

// kebab returns a field's name in the form of a flag.
func kebab(field string) string {
	var b strings.Builder
	for i, r := range field {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// mostAlike returns the name with the longest common beginning, of at least four
// letters after RESETD_.
func mostAlike(name string, known []string) (like string) {
	most := len("RESETD_") + 3
	for _, k := range known {
		n := 0
		for n < min(len(k), len(name)) && k[n] == name[n] {
			n++
		}
		if n > most {
			like, most = k, n
		}
	}
	return like
}
