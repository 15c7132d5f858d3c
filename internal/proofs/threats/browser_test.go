package threats

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// browser keeps cookies and does not follow redirects.
type browser struct {
	*service
	url    string
	client *http.Client
	header http.Header
}

func (s *service) browser() *browser {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &browser{service: s, url: s.program.URL, header: http.Header{}, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// with sets a header for all further requests.
func (b *browser) with(name, value string) *browser {
	b.header.Set(name, value)
	return b
}

// from returns a browser with another IP address, behind a trusted proxy.
func (s *service) from(ip string) *browser { return s.browser().with("X-Forwarded-For", ip) }

// page is a response.
type page struct {
	*service
	status int
	header http.Header
	body   string
	doc    *goquery.Document
}

func (b *browser) get(path string) page  { b.Helper(); return b.do(http.MethodGet, path, nil) }
func (b *browser) head(path string) page { b.Helper(); return b.do(http.MethodHead, path, nil) }

// post sends a form of names and values.
func (b *browser) post(path string, pairs ...string) page {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(path, "application/x-www-form-urlencoded", form.Encode())
}

// send posts any body.
func (b *browser) send(path, contentType, body string) page {
	b.Helper()
	return b.with("Content-Type", contentType).do(http.MethodPost, path, strings.NewReader(body))
}

func (b *browser) do(method, path string, body io.Reader) page {
	b.Helper()
	p, err := b.try(method, path, body)
	b.must(err)
	return p
}

// try is do for goroutines, which must not end a test.
func (b *browser) try(method, path string, body io.Reader) (page, error) {
	req, err := http.NewRequestWithContext(b.Context(), method, b.url+path, body)
	if err != nil {
		return page{}, err
	}
	maps.Copy(req.Header, b.header)
	if host := b.header.Get("Host"); host != "" {
		req.Host = host
	}
	res, err := b.client.Do(req)
	if err != nil {
		return page{}, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return page{}, fmt.Errorf("read the answer: %w", err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(text)))
	return page{b.service, res.StatusCode, res.Header, string(text), doc}, err
}

// is checks the status.
func (p page) is(status int) page {
	p.Helper()
	if p.status != status {
		p.Fatalf("status: got %d, want %d; the page:\n%s", p.status, status, p.body)
	}
	return p
}

func (p page) isOneOf(statuses ...int) {
	p.Helper()
	if !slices.Contains(statuses, p.status) {
		p.Errorf("status: got %d, want one of %v", p.status, statuses)
	}
}

// to checks a redirect.
func (p page) to(location string) page {
	p.Helper()
	if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != location {
		p.Fatalf("got %d to %q, want 303 to %q; the page:\n%s", p.status, got, location, p.body)
	}
	return p
}

// has checks the number of elements that a selector finds.
func (p page) has(selector string, want int) page {
	p.Helper()
	if got := p.doc.Find(selector).Length(); got != want {
		p.Fatalf("%s: found %d times, want %d; the page:\n%s", selector, got, want, p.body)
	}
	return p
}

// field returns the value of the form's field with this name.
func (p page) field(name string) string {
	return p.doc.Find(`input[name="`+name+`"]`).AttrOr("value", "")
}
