package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// MaxBody is the longest body that is read, in bytes: far more than any form.
const MaxBody = 64 << 10

// Form reads a posted form. Each field in names must be there once, each in
// optional at most once, and none in the query as well: which of two values
// counts is a question that attacks are made of. Text is valid UTF-8 without
// NUL, which the databases disagree about. What no form would send is
// ErrBadRequest.
func Form(c *gin.Context, names []string, optional ...string) (map[string]string, error) {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, ErrBadRequest
	}
	if err := c.Request.ParseForm(); err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			return nil, ErrTooLarge
		}
		return nil, ErrBadRequest
	}
	fields := make(map[string]string, len(names)+len(optional))
	for i, name := range slices.Concat(names, optional) {
		if listed(c.Request.PostForm, name) {
			return nil, ErrBadRequest
		}
		values := c.Request.PostForm[name]
		if i >= len(names) && len(values) == 0 && !c.Request.URL.Query().Has(name) {
			continue
		}
		if len(values) != 1 || c.Request.URL.Query().Has(name) || !storable(values[0]) {
			return nil, ErrBadRequest
		}
		fields[name] = values[0]
	}
	return fields, nil
}

// listed finds name[] and name[x], which some programs read as the field.
func listed(form url.Values, name string) bool {
	for field := range form {
		if strings.HasPrefix(field, name+"[") {
			return true
		}
	}
	return false
}

func storable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// LocalPath returns path if a browser can only take it for a path of this site,
// otherwise empty. Browsers read a backslash as a slash and drop tabs and line
// breaks, so that "/\t/evil.example" would leave the site.
func LocalPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return ""
	}
	return path
}
