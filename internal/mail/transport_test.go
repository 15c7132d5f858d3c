package mail

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"resetd/internal/reset"
)

func message(t testing.TB, edit ...func(*reset.Mail)) *gomail.Msg {
	t.Helper()
	m, err := newComposer(t, site).Compose(linkMail(edit...))
	must(t, err)
	return m
}

func to(address string) func(*reset.Mail) {
	return func(m *reset.Mail) { m.Delivery.Recipient = address }
}

func TestMailURL(t *testing.T) {
	for _, tt := range []struct{ url, user, password, want string }{
		{"smtp://mail.example.org", "", "", "mail.example.org:587"},
		{"smtp://mail.example.org:2525", "", "", "mail.example.org:2525"},
		{"smtps://mail.example.org/", "", "", "mail.example.org:465"},
		{"smtp://user:secret@mail.example.org", "", "", "mail.example.org:587"},
		{"smtp://user%40example.org:se%2Fcret@mail.example.org", "", "", "mail.example.org:587"},
		{"smtp://[::1]:1025?starttls=off", "", "", "[::1]:1025"},
		{"smtp://localhost:1025?starttls=off", "user@example.org", "secret", "localhost:1025"},
	} {
		got, err := NewTransport(tt.url, tt.user, tt.password, nil)
		if err != nil || fmt.Sprint(got) != tt.want {
			t.Errorf("%s is %v, %v, want %s", tt.url, got, err, tt.want)
		}
	}
}

func TestMailURLErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte("no certificate"), 0o600))
	const secret = "hunter22"
	for _, tt := range []struct{ url, user, password, want string }{
		{"", "", "", "or smtp://HOST:587"},
		{"mail.example.org", "", "", "or smtp://HOST:587"},
		{"http://mail.example.org", "", "", "or smtp://HOST:587"},
		{"smtp://", "", "", "or smtp://HOST:587"},
		{"smtp:mail.example.org", "", "", "or smtp://HOST:587"},
		{"smtp://user:" + secret + "%zz@mail.example.org", "", "", "RESETD_MAIL_PASSWORD"},
		{"smtp://user:hun/" + secret + "@mail.example.org", "", "", "RESETD_MAIL_PASSWORD"},
		{"smtp://user:1/" + secret + "@mail.example.org", "", "", "RESETD_MAIL_PASSWORD"},
		{"smtp://user:" + secret + "#1@mail.example.org", "", "", "RESETD_MAIL_PASSWORD"},
		{"smtp://mail.example.org:99999", "", "", "port"},
		{"smtp://user:" + secret + "@mail.example.org", "user", "", "either"},
		{"smtp://user@mail.example.org", "", "", "RESETD_MAIL_PASSWORD"},
		{"smtp://mail.example.org", "", secret, "RESETD_MAIL_USER"},
		{"smtp://mail.example.org", "user", secret + "\r\nQUIT", "one line"},
		{"smtp://mail.example.org?starttls=off", "", "", "this machine"},
		{"smtp://127.0.0.1.example.org?starttls=off", "", "", "this machine"},
		{"smtp://mail.example.org?starttls=no", "", "", "starttls=off"},
		{"smtps://127.0.0.1?starttls=off", "", "", "starttls=off"},
		{"smtp://mail.example.org?tls=none", "", "", "starttls=off"},
		{"smtp://mail.example.org?ca=/does/not/exist.pem", "", "", "/does/not/exist.pem"},
		{"smtp://mail.example.org?ca=" + file, "", "", "PEM"},
		{"file:", "", "", "folder"},
		{"file:" + file, "", "", "folder"},
		{"console:x", "", "", "console:"},
		{"console:", "user", secret, "only smtp"},
	} {
		got, err := NewTransport(tt.url, tt.user, tt.password, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q is %v, error %v, want one with %q", tt.url, got, err, tt.want)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error shows the password: %v", tt.url, err)
		}
	}
}

func TestPasswordIsNeverPrinted(t *testing.T) {
	tr, err := NewTransport("smtp://mail.example.org", "user", "hunter22", nil)
	must(t, err)
	var log bytes.Buffer
	textLog(&log).Info("x", "transport", tr)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", tr, tr, tr, tr), log.String()} {
		if strings.Contains(text, "hunter22") {
			t.Errorf("printed as %s", text)
		}
	}
}

func TestHelloName(t *testing.T) {
	for host, want := range map[string]string{
		"": "localhost", "accounts.example.org": "accounts.example.org", "192.0.2.1": "[192.0.2.1]", "2001:db8::1": "[IPv6:2001:db8::1]", "a b": "localhost",
	} {
		if got := helloName(host); got != want {
			t.Errorf("helloName(%q) is %q, want %q", host, got, want)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "mail")
	conn := dial(t, "file:"+dir)
	for _, address := range []string{"first@example.org", "second@example.org"} {
		if reply, err := conn.Send(t.Context(), message(t, to(address))); err != nil || !strings.HasPrefix(reply, "written to ") {
			t.Fatalf("reply %q, %v", reply, err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 2 || !sort.StringsAreSorted(names) {
		t.Fatalf("files %v, %v", names, err)
	}
	for i, want := range []string{"<first@example.org>", "<second@example.org>"} {
		raw, err := os.ReadFile(names[i])
		if err != nil || open(t, string(raw)).header.Get("To") != want {
			t.Errorf("%s is to %s, want %s", names[i], open(t, string(raw)).header.Get("To"), want)
		}
		if info, err := os.Stat(names[i]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", names[i], info.Mode(), err)
		}
	}
	if hidden, _ := filepath.Glob(filepath.Join(dir, ".*")); len(hidden) != 0 {
		t.Errorf("left behind: %v", hidden)
	}
}

func TestMissingFolderIsTemporary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	tr, err := NewTransport("file:"+filepath.Join(file, "mail"), "", "", nil)
	must(t, err)
	if _, err := tr.Open(t.Context()); err == nil || IsPermanent(err) {
		t.Errorf("got %v, want a temporary error", err)
	}
}

func TestFileNamesSortByTime(t *testing.T) {
	early := fileName(asked, "<b@example.org>")
	late := fileName(asked.Add(time.Nanosecond), "<a@example.org>")
	if early >= late || strings.ContainsRune(fileName(asked, "<../../x@example.org>"), '/') {
		t.Errorf("%s, %s", early, late)
	}
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	tr, err := NewTransport("console:", "", "", &out)
	must(t, err)
	conn, err := tr.Open(t.Context())
	must(t, err)
	if _, err := conn.Send(t.Context(), message(t, func(m *reset.Mail) { m.Account.Name = "Zoë" })); err != nil {
		t.Fatal(err)
	}
	golden(t, "console.out", out.String())
}
