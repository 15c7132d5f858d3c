package check

import (
	"context"
	"strings"
)

// settings reports each invalid setting.
func (i *inspection) settings(context.Context) (found []finding) {
	for _, err := range flatten(i.Problems) {
		found = append(found, wrong(strings.ReplaceAll(err.Error(), "\n", "; ")))
	}
	if len(found) == 0 {
		found = append(found, ok("all settings are valid"))
	}
	return found
}

// flatten returns the errors that errors.Join has joined.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

// invalidVariables returns the names of the invalid variables. Each error begins with the
// names of its variables and a colon.
func invalidVariables(problems error) map[string]bool {
	variables := map[string]bool{}
	for _, err := range flatten(problems) {
		names, _, _ := strings.Cut(err.Error(), ":")
		for name := range strings.SplitSeq(names, ", ") {
			variables[strings.TrimSuffix(name, "_FILE")] = true
		}
	}
	return variables
}
