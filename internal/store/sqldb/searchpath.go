package sqldb

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// PathError is a search_path in the URL that has no effect, because a pooler drops or
// refuses it. The tables would be created in another schema.
type PathError struct {
	Named string // in the URL
	Used  string // by the server
	Role  string
}

func (e *PathError) Error() string {
	var schemas []string
	for _, name := range splitPath(e.Named) {
		schemas = append(schemas, pq.QuoteIdentifier(name))
	}
	return fmt.Sprintf("the search_path (%s) of the URL has no effect, %s, because a pooler does not pass it on: "+
		"have the database's owner run ALTER ROLE %s SET search_path = %s; and reconnect the pooler, whose ignore_startup_parameters must contain search_path, "+
		"or, if it supports that, its track_extra_parameters", e.Named, e.Used, pq.QuoteIdentifier(e.Role), strings.Join(schemas, ", "))
}

// namedPath returns the search_path that a connection asks for, or nothing.
func namedPath(cfg pq.Config) string {
	for name, value := range cfg.Runtime {
		if strings.EqualFold(name, "search_path") {
			return value // comes after the options
		}
	}
	return pathInOptions(cfg.Options)
}

// pathInOptions finds -c search_path=... or --search_path=...
func pathInOptions(options string) (path string) {
	words := splitOptions(options)
	for i, word := range words {
		setting, long := strings.CutPrefix(word, "--")
		short := strings.HasPrefix(word, "-c")
		switch {
		case word == "-c" && i+1 < len(words):
			setting = words[i+1]
		case short:
			setting = word[2:]
		case !long:
			continue
		}
		name, value, _ := strings.Cut(setting, "=")
		if strings.EqualFold(strings.ReplaceAll(name, "-", "_"), "search_path") {
			path = value
		}
	}
	return path
}

// splitOptions splits at blanks. A backslash escapes the next character.
func splitOptions(options string) (words []string) {
	for rest := strings.TrimSpace(options); rest != ""; rest = strings.TrimSpace(rest) {
		var word string
		word, rest, _ = unquoted(rest)
		words = append(words, word)
	}
	return words
}

// splitPath splits a list of schemas. A name without quotes is folded, as in SQL.
func splitPath(path string) (names []string) {
	var name strings.Builder
	quoted := false
	end := func() {
		names = append(names, name.String())
		name.Reset()
	}
	for _, r := range path + "," {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			end()
		case quoted:
			name.WriteRune(r)
		case r != ' ':
			name.WriteString(strings.ToLower(string(r)))
		}
	}
	return names
}

// requirePath returns a *PathError unless the server has the search_path of the URL.
func requirePath(s server, named string) error {
	if named != "" && !slices.Equal(splitPath(named), splitPath(s.path)) {
		return &PathError{Named: named, Used: "PostgreSQL uses " + s.path, Role: s.role}
	}
	return nil
}

// explainRefusal replaces the error of a pooler that refuses the search_path.
func explainRefusal(err error, cfg pq.Config) error {
	var refused *pq.Error
	if named := namedPath(cfg); named != "" && errors.As(err, &refused) && strings.Contains(refused.Message, "startup parameter") {
		return &PathError{Named: named, Used: "the pooler refuses it", Role: cfg.User}
	}
	return err
}
