package search

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"resetd/internal/testkit"
)

// member is a signed-in staff member.
type member struct {
	base   string
	client *http.Client
}

// name is the member's name.
const name = "vera"

func signIn(ctx context.Context, base string) (*member, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	m := &member{base, &http.Client{Jar: jar, Timeout: time.Minute}}
	_, _, err = m.send(ctx, http.MethodPost, "/support/login", url.Values{"name": {name}, "password": {testkit.Password}, "code": {""}})
	return m, err
}

func (m *member) get(ctx context.Context, path string) (took times, page []byte, err error) {
	return m.send(ctx, http.MethodGet, path, nil)
}

// times is how long an answer took.
type times struct {
	first time.Duration // until its first part arrived
	whole time.Duration
}

// send returns the times of an answer. Another status is an error, because errors may be
// faster.
func (m *member) send(ctx context.Context, method, path string, form url.Values) (took times, page []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, m.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return times{}, nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	began := time.Now()
	res, err := m.client.Do(req)
	if err != nil {
		return times{}, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	took.first = time.Since(began)
	page, err = io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: status %d", method, path, res.StatusCode)
	}
	took.whole = time.Since(began)
	return took, page, err
}

// thousandth is how many pages a far question comes after the first page.
const thousandth = 999

// follow returns the URL of a question's page, and its name.
func (m *member) follow(ctx context.Context, q question) (path, title string, err error) {
	path, title = q.path, q.name
	switch {
	case q.further:
		title += ", further back"
		path, err = m.link(ctx, path, ".reach a")
		if err == nil && path == "" {
			err = fmt.Errorf("the page has no link to search further back")
		}
	case q.far:
		pages := 0
		for next := path; next != "" && err == nil && pages < thousandth; pages++ {
			path = next
			next, err = m.link(ctx, path, "a[rel=next]")
		}
		title = fmt.Sprintf("%s, page %d", title, pages)
	}
	return path, title, err
}

// link returns the URL of a link of a page; empty if the page has no such link.
func (m *member) link(ctx context.Context, path, selector string) (string, error) {
	_, page, err := m.get(ctx, path)
	if err != nil {
		return "", err
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(page))
	if err != nil {
		return "", err
	}
	return doc.Find(selector).AttrOr("href", ""), nil
}
