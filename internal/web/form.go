package web

import (
	"cmp"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// MaxBody is the maximum size of a body, in bytes. It is far more than any form
// needs.
const MaxBody = 64 << 10

// Form parses a posted form. Each field in names must occur once, and each field in
// optional at most once. No field may be in the query too: duplicate values are a
// common way to attack. Text must be valid UTF-8 without NUL, because the databases
// treat other text differently. All other requests are ErrBadRequest.
func Form(c *gin.Context, names []string, optional ...string) (map[string]string, error) {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, ErrBadRequest
	}
	if err := c.Request.ParseForm(); err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			return nil, ErrTooLarge
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil, ErrSlow
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

// reasonFields are the fields of the staff's forms that contain a reason.
var reasonFields = []string{"reason", "send_reason", "revoke_reason"}

// TypedReason returns the reason in a posted form; empty if there is none.
func TypedReason(c *gin.Context) string {
	if c.Request.Method != http.MethodPost {
		return ""
	}
	form, err := Form(c, nil, reasonFields...)
	if err != nil {
		return ""
	}
	return cmp.Or(form[reasonFields[0]], form[reasonFields[1]], form[reasonFields[2]])
}

// listed reports whether the form contains name[] or name[x], which some programs
// read as the field.
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

// LocalPath returns path if every browser stays on this site for it, otherwise "".
// Browsers read a backslash as a slash and ignore tabs and line breaks, so
// "/\t/evil.example" would leave the site.
func LocalPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") ||
		strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }) {
		return ""
	}
	return path
}
