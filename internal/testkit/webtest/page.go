package webtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// Page is an answer. Its methods return the page, to check more of it.
type Page struct {
	testing.TB
	browser *Browser
	URL     *url.URL // after redirects
	Status  int
	Header  http.Header
	Body    string
}

// Is checks the status.
func (p Page) Is(status int) Page {
	p.Helper()
	if p.Status != status {
		p.Fatalf("%s: status: got %d, want %d; the page:\n%s", p.URL, p.Status, status, p.Body)
	}
	return p
}

// IsOneOf checks that the status is one of several.
func (p Page) IsOneOf(statuses ...int) {
	p.Helper()
	if !slices.Contains(statuses, p.Status) {
		p.Errorf("%s: status: got %d, want one of %v", p.URL, p.Status, statuses)
	}
}

// To checks a redirect.
func (p Page) To(location string) Page {
	p.Helper()
	if got := p.Header.Get("Location"); p.Status != http.StatusSeeOther || got != location {
		p.Fatalf("%s: got %d to %q, want 303 to %q; the page:\n%s", p.URL, p.Status, got, location, p.Body)
	}
	return p
}

// Find returns the elements that a selector finds.
func (p Page) Find(selector string) *goquery.Selection {
	p.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(p.Body))
	if err != nil {
		p.Fatal(err)
	}
	return doc.Find(selector)
}

// Has checks the number of elements that a selector finds.
func (p Page) Has(selector string, want int) Page {
	p.Helper()
	if got := p.Find(selector).Length(); got != want {
		p.Fatalf("%s: %s: found %d times, want %d; the page:\n%s", p.URL, selector, got, want, p.Body)
	}
	return p
}

// Words returns the text of the elements of a selector in one line.
func (p Page) Words(selector string) string {
	p.Helper()
	return strings.Join(strings.Fields(p.Find(selector).Text()), " ")
}

// Shows checks that the elements of a selector contain all these words.
func (p Page) Shows(selector string, all ...string) Page {
	p.Helper()
	got := p.Words(selector)
	for _, want := range all {
		if !strings.Contains(got, want) {
			p.Errorf("%s: %s contains %q, want %q in it", p.URL, selector, got, want)
		}
	}
	return p
}

// Says checks that the main part of the page contains all these words.
func (p Page) Says(all ...string) Page { p.Helper(); return p.Shows("main", all...) }

// Lacks checks that the page contains none of these words.
func (p Page) Lacks(all ...string) Page {
	p.Helper()
	got := p.Words("body")
	for _, words := range all {
		if strings.Contains(got, words) {
			p.Errorf("%s: the page contains %q:\n%s", p.URL, words, got)
		}
	}
	return p
}

// Field returns the value of the form's field with this name.
func (p Page) Field(name string) string {
	p.Helper()
	return p.Find(`input[name="`+name+`"]`).AttrOr("value", "")
}

// Submit fills in the page's POST form and sends it with its other fields.
func (p Page) Submit(pairs ...string) Page {
	p.Helper()
	form := p.Find(`form[method="post"]`).First()
	values := url.Values{}
	for _, input := range form.Find("input[name]").EachIter() {
		if input.AttrOr("type", "") != "checkbox" {
			values.Add(input.AttrOr("name", ""), input.AttrOr("value", ""))
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		if form.Find(`input[name="`+pairs[i]+`"]`).Length() == 0 {
			p.Fatalf("the form at %s has no field %s; the page:\n%s", p.URL, pairs[i], p.Body)
		}
		values.Set(pairs[i], pairs[i+1])
	}
	action, err := p.URL.Parse(form.AttrOr("action", ""))
	if err != nil {
		p.Fatal(err)
	}
	return p.browser.With("Referer", p.URL.String()).Do(http.MethodPost, action.String(), values.Encode())
}

// SameAs checks that two answers have the same bytes except for the time, the request's
// id, and the texts hidden and otherHidden that the visitors typed.
func (p Page) SameAs(other Page, what, hidden, otherHidden string) {
	p.Helper()
	if a, b := p.essence(hidden), other.essence(otherHidden); a != b {
		p.Errorf("%s: the answer differs:\n%s\n\nfirst answer:\n%s", what, a, b)
	}
}

func (p Page) essence(hidden string) string {
	header, body := p.Header.Clone(), p.Body
	for _, own := range []string{header.Get("X-Request-Id"), hidden} {
		if own != "" {
			body = strings.ReplaceAll(body, own, "…")
		}
	}
	header.Del("X-Request-Id")
	header.Del("Date")
	if hidden != "" {
		header.Del("Content-Length")
	}
	return fmt.Sprintf("%d\n%q\n%s", p.Status, header, body)
}
