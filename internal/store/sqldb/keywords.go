package sqldb

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var keywordsStart = regexp.MustCompile(`^\w+\s*=`)

// fromKeywords reads name=value pairs with blanks between them.
func fromKeywords(text string) (parameters, error) {
	p, last := parameters{}, "first parameter"
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		name, after, found := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !found || !parameterName.MatchString(name) {
			return nil, &URLError{Part: last, Advice: quote}
		}
		last = "parameter " + name
		value, remaining, ok := keywordValue(strings.TrimSpace(after))
		if !ok {
			return nil, &URLError{Part: last, Advice: quote}
		}
		p[name], rest = value, remaining
	}
	return p, nil
}

// keywordValue reads the value at the start of a text.
func keywordValue(text string) (value, rest string, ok bool) {
	if !strings.HasPrefix(text, "'") {
		return unquoted(text)
	}
	return until(text[1:], func(r rune) bool { return r == '\'' })
}

// unquoted reads up to the next blank.
func unquoted(text string) (value, rest string, ok bool) {
	return until(text+" ", unicode.IsSpace) // the last value has no blank after it
}

// until reads up to a character that ends the value. A backslash escapes the next
// character.
func until(text string, ends func(rune) bool) (value, rest string, ok bool) {
	var b strings.Builder
	escaped := false
	for i, r := range text {
		switch {
		case escaped:
			escaped = false
			b.WriteRune(r)
		case r == '\\':
			escaped = true
		case ends(r):
			return b.String(), text[i+utf8.RuneLen(r):], true
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), "", false
}
