//go:build integrations

package integrations

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// browser keeps cookies, follows redirects and sends forms with their hidden fields.
type browser struct {
	*application
	client *http.Client
}

func (a *application) browser() *browser {
	a.Helper()
	jar, err := cookiejar.New(nil)
	a.must(err)
	return &browser{a, &http.Client{Jar: jar}}
}

// page is the response after the last redirect.
type page struct {
	*browser
	url *url.URL
	doc *goquery.Document
}

func (b *browser) open(link string) page {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, link, nil)
	b.must(err)
	return b.do(req)
}

func (b *browser) do(req *http.Request) page {
	b.Helper()
	res, err := b.client.Do(req)
	b.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	b.must(err)
	if res.StatusCode >= http.StatusInternalServerError {
		b.Fatalf("%s: status %d:\n%s", req.URL, res.StatusCode, text)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(text)))
	b.must(err)
	return page{b, res.Request.URL, doc}
}

// submit fills in the page's POST form and sends it.
func (p page) submit(pairs ...string) page {
	p.Helper()
	form := p.doc.Find(`form[method="post"]`).First()
	values := url.Values{}
	form.Find("input[name]").Each(func(_ int, input *goquery.Selection) {
		if input.AttrOr("type", "") != "checkbox" {
			values.Add(input.AttrOr("name", ""), input.AttrOr("value", ""))
		}
	})
	for i := 0; i < len(pairs); i += 2 {
		if form.Find(`input[name="`+pairs[i]+`"]`).Length() == 0 {
			p.Fatalf("the form at %s has no field %s", p.url, pairs[i])
		}
		values.Set(pairs[i], pairs[i+1])
	}
	action, err := p.url.Parse(form.AttrOr("action", ""))
	p.must(err)
	req, err := http.NewRequestWithContext(p.Context(), http.MethodPost, action.String(), strings.NewReader(values.Encode()))
	p.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Referer", p.url.String())
	return p.do(req)
}

func (p page) at(path string) page {
	p.Helper()
	if p.url.Path != path {
		text, _ := p.doc.Html()
		p.Fatalf("at %s, want %s; the page:\n%s", p.url, path, text)
	}
	return p
}

func (p page) field(name string) string {
	return p.doc.Find(`input[name="`+name+`"]`).AttrOr("value", "")
}

// signIn uses the application's sign-in page, and reports whether the sign-in succeeds.
func (b *browser) signIn(p person, password string) bool {
	b.Helper()
	b.open(b.url+b.login).submit(b.fields[0], b.name(p), b.fields[1], password)
	return b.signedIn(p)
}

// signedIn reports whether the browser is signed in to the application.
func (b *browser) signedIn(p person) bool {
	b.Helper()
	home := b.open(b.url + "/")
	return home.url.Path == "/" && strings.Contains(home.doc.Find("h1").Text(), b.name(p))
}
