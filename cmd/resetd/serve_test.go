package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/webtest"
)

// process is the program, running inside the test.
type process struct {
	*testing.T
	*webtest.Browser // follows redirects
	stop             context.CancelFunc
	exited           chan int
	out              logBuffer
}

// launch runs a command that serves, and waits until it responds.
func launch(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{T: t, Browser: webtest.New(t, "http://"+addr).Follow(), stop: cancel, exited: make(chan int, 1)}
	getenv := func(name string) string {
		switch name {
		case "RESETD_ADDR":
			return addr
		case "RESETD_BASE_URL":
			return p.URL
		default:
			return env[name]
		}
	}
	go func() { p.exited <- run(ctx, args, getenv, strings.NewReader(""), &p.out, &p.out) }()
	t.Cleanup(func() { cancel(); <-p.exited })
	for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		_, err := p.Try(http.MethodGet, "/healthz", "")
		if err == nil {
			return p
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("it does not respond: %v\n%s", err, p.out.String())
		}
	}
}

// The demo reads no setting for its folder, so the error names none.
func TestDemoNamesTheFolderThatItNeeds(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("var", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if status := run(t.Context(), []string{"demo"}, func(string) string { return "" }, strings.NewReader(""), &b, &b); status != 1 || !strings.Contains(b.String(), "start it in a folder in which you may write") || strings.Contains(b.String(), "RESETD_") {
		t.Errorf("status %d:\n%s", status, &b)
	}
}

// Following the guide of the demo must work. It is printed after the demo listens.
func TestDemoGuide(t *testing.T) {
	t.Chdir(t.TempDir())
	p := launch(t, nil, "demo")
	guide := p.out.String()
	for start := time.Now(); !strings.Contains(guide, demoPassword) && time.Since(start) < time.Minute; time.Sleep(5 * time.Millisecond) {
		guide = p.out.String()
	}
	for _, want := range []string{p.URL + "/password-reset", p.URL + "/dev/mailbox", p.URL + "/login", "user@example.org", demoPassword, "Accounts, as the demo makes them", "no account until you sign up", "made with the password"} {
		if !strings.Contains(guide, want) {
			t.Errorf("the guide does not contain %q:\n%s", want, guide)
		}
	}
	p.Post("/login", "email", "user@example.org", "password", demoPassword).Is(http.StatusOK)
	p.Request("user@example.org").Is(http.StatusOK)
	mail := regexp.MustCompile(`/dev/mailbox/[^"]+`)
	path := ""
	for start := time.Now(); path == "" && time.Since(start) < time.Minute; time.Sleep(5 * time.Millisecond) {
		path = mail.FindString(p.Get("/dev/mailbox").Is(http.StatusOK).Body)
	}
	link := p.Get(path).Is(http.StatusOK).Find(`a[href^="`+p.URL+`/password-reset/confirm/"]`).AttrOr("href", "none")
	if html := p.Get(path + "/html").Is(http.StatusOK).Body; !strings.Contains(html, link) {
		t.Fatalf("the email's HTML does not contain the link: %s\n%s", link, html)
	}
	p.Get(path + ".eml").Is(http.StatusNotFound)
	p.Choose(p.Get(link), newPassword, newPassword).Is(http.StatusOK).Has(`a[href="/login"]`, 1)
	info, err := os.Stat("var/demo.db")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database: %v %v, want mode 0600", info, err)
	}
	var out bytes.Buffer
	env := func(name string) string { return map[string]string{"RESETD_DATABASE_URL": "sqlite:var/demo.db"}[name] }
	if status := run(t.Context(), []string{"history"}, env, nil, &out, &out); status != 0 || strings.Count(out.String(), "\n") < 6 {
		t.Errorf("history: status %d:\n%s", status, out.String())
	}
}

// A client that sends half a form must not keep the service from stopping.
func TestStopDoesNotWaitForASlowClient(t *testing.T) {
	p := launch(t, map[string]string{"RESETD_DATABASE_URL": testkit.SQLite(t)}, "serve")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
		"Content-Length: 40\r\nExpect: 100-continue\r\n\r\n")
	if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q %v, want to be asked for the body", line, err)
	}
	p.stop()
	select {
	case exit := <-p.exited:
		p.exited <- exit
		if exit != 0 {
			t.Errorf("exit status %d:\n%s", exit, p.out.String())
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not stop")
	}
}
