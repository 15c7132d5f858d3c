// Package webtest is a browser for tests: it keeps cookies, sends forms and reads pages
// by selector. It runs no scripts; testkit.Browser starts a Chromium.
package webtest

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

const formType = "application/x-www-form-urlencoded"

// Browser is a browser at a site. It does not follow redirects, unless Follow is called.
type Browser struct {
	URL    string // of the site, without a slash at the end
	Client *http.Client
	Header http.Header // of all requests
	t      testing.TB
}

// New returns a browser without cookies. A test ends if one of its requests has no
// answer; use Try in other goroutines.
func New(t testing.TB, site string) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{URL: site, t: t, Header: http.Header{}, Client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Follow makes the browser follow redirects.
func (b *Browser) Follow() *Browser {
	b.Client.CheckRedirect = nil
	return b
}

// With sets a header for all further requests.
func (b *Browser) With(name, value string) *Browser {
	b.Header.Set(name, value)
	return b
}

// Get requests a page.
func (b *Browser) Get(path string) Page { b.t.Helper(); return b.Do(http.MethodGet, path, "") }

// Head requests the headers of a page.
func (b *Browser) Head(path string) Page { b.t.Helper(); return b.Do(http.MethodHead, path, "") }

// Post sends a form of names and values.
func (b *Browser) Post(path string, pairs ...string) Page {
	b.t.Helper()
	return b.Do(http.MethodPost, path, Form(pairs...))
}

// Form encodes names and values as browsers do.
func Form(pairs ...string) string {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form.Encode()
}

// Do sends a request.
func (b *Browser) Do(method, path, body string) Page {
	b.t.Helper()
	p, err := b.Try(method, path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// Try sends a request and returns the error instead of ending the test. The path may be
// a whole URL. A body is a form, unless With set another Content-Type.
func (b *Browser) Try(method, path, body string) (Page, error) {
	res, err := b.Open(method, path, body)
	if err != nil {
		return Page{TB: b.t}, err
	}
	text, err := io.ReadAll(res.Body)
	return Page{b.t, b, res.Request.URL, res.StatusCode, res.Header, string(text)}, errors.Join(err, res.Body.Close())
}

// Open sends a request like Try, and leaves the answer unread.
func (b *Browser) Open(method, path, body string) (*http.Response, error) {
	if !strings.HasPrefix(path, "http") {
		path = b.URL + path
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", formType)
	}
	maps.Copy(req.Header, b.Header)
	req.Host = b.Header.Get("Host")
	return b.Client.Do(req)
}

// Cookies returns the cookies that the site gets.
func (b *Browser) Cookies() []*http.Cookie { return b.Client.Jar.Cookies(b.site()) }

// SetCookies adds cookies of the site.
func (b *Browser) SetCookies(cookies ...*http.Cookie) { b.Client.Jar.SetCookies(b.site(), cookies) }

// Cookie returns the value of a cookie, empty if the browser does not have it.
func (b *Browser) Cookie(name string) string {
	for _, c := range b.Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *Browser) site() *url.URL {
	b.t.Helper()
	site, err := url.Parse(b.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return site
}
