package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"resetd/internal/words"
)

// Site holds the properties of the installation that every page uses.
type Site struct {
	Name string
	Logo bool // there is an asset "logo"

	SignsOut bool // a reset ends all sessions of its account
	Names    bool // a link can be requested by user name

	Unlimited bool // any number of emails goes to one address
}

// FieldError is a problem of a field, in the reader's language.
type FieldError struct {
	Field string // the field's name in the form, and its id on the page
	Text  string
}

// Page is the part that all views share.
type Page struct {
	words.Words
	Site   Site
	Lang   string // of the words, as a tag (BCP 47)
	Errors []FieldError
}

// Refuse adds a problem of a field; id is the id of its text.
func (p *Page) Refuse(field, id string, pairs ...any) error {
	text, err := p.T(id, pairs...)
	if err != nil {
		return err
	}
	p.Errors = append(p.Errors, FieldError{field, text})
	return nil
}

// Problems returns all problems of a field.
func (p Page) Problems(field string) []string {
	var texts []string
	for _, e := range p.Errors {
		if e.Field == field {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// Field is the argument of the template for a password field.
type Field struct {
	Page
	Name, Autocomplete, Label, Hint string
}

// Field describes a field of this page; hint may be empty.
func (p Page) Field(name, autocomplete, label, hint string) Field {
	return Field{p, name, autocomplete, label, hint}
}

// ErrorView is the view of the error page.
type ErrorView struct {
	Page
	Status     int
	RetryAfter string // whole seconds; empty if unknown
	Mending    bool   // the statements of the accounts fail, and an operator has to repair them
	Unchecked  bool   // a new password can't be compared with breached ones
	RequestID  string // the id of this request in the log; empty if it has no id
	Start      string // the page to start again from
	Typed      string // a reason that was typed into the form, which would be lost
}

// describedStatuses are the statuses that error.html has texts for.
var describedStatuses = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestTimeout,
	http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// About returns the status whose text is shown: the status itself or, if there is
// no text for it, the first status of its class.
func (v ErrorView) About() int {
	switch {
	case slices.Contains(describedStatuses, v.Status):
		return v.Status
	case v.Status < http.StatusInternalServerError:
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}

// Wait returns how long to wait before another try, in words; empty if unknown.
func (v ErrorView) Wait() (string, error) {
	if v.RetryAfter == "" {
		return "", nil
	}
	seconds, err := strconv.Atoi(v.RetryAfter)
	if err != nil {
		return "", fmt.Errorf("retry after: %w", err)
	}
	if seconds < 60 {
		return v.T("error_seconds", "Count", seconds)
	}
	return v.Duration(time.Duration(seconds) * time.Second)
}
