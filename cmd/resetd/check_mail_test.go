package main

import (
	"strings"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

// mailed runs resetd mail test with these variables.
func mailed(t *testing.T, address string, env ...string) report {
	t.Helper()
	vars := map[string]string{"RESETD_SITE_NAME": "Example Site", "RESETD_MAIL_FROM": "accounts@example.org"}
	for i := 0; i < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	var out, errors strings.Builder
	status := run(t.Context(), []string{"mail", "test", address}, func(name string) string { return vars[name] }, nil, &out, &errors)
	return report{t, status, out.String(), errors.String()}
}

func TestMailTestSendsOneEmailAndPrintsTheReply(t *testing.T) {
	t.Chdir(t.TempDir())
	sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	r := mailed(t, "User@Example.org", "RESETD_MAIL_URL", sink.URL(), "RESETD_MAIL_USER", "user", "RESETD_MAIL_PASSWORD", "secret")
	if r.status != 0 || !strings.Contains(r.out, "\n"+sink.Addr()+" accepted it: 250 ") || r.errors != "" {
		t.Fatalf("status %d, %q, %q", r.status, r.out, r.errors)
	}
	got := sink.Wait(t, 1)
	if len(got) != 1 || got[0].To[0] != "User@Example.org" || !got[0].TLS || got[0].From != "accounts@example.org" {
		t.Errorf("got %+v", got)
	}
	for _, part := range []string{got[0].Text(t), got[0].HTML(t)} {
		if !strings.Contains(part, "http://localhost:8080/password-reset") || !strings.Contains(part, "Example Site") {
			t.Errorf("the link to the form is missing:\n%s", part)
		}
	}
}

func TestMailTestPrintsTheRefusal(t *testing.T) {
	locked := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	refusing := smtpsink.Start(t, smtpsink.Options{})
	refusing.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 550, Text: "we relay for nobody"})
	bare := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear})
	for name, c := range map[string]struct{ url, password, words string }{
		"a wrong password": {locked.URL(), "hunter22", "535"},
		"a refusal":        {refusing.URL(), "", "550 we relay for nobody"},
		"no encryption":    {"smtp://" + bare.Addr(), "", "STARTTLS"},
		"no server":        {"smtp://127.0.0.1:1", "", "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			env := []string{"RESETD_MAIL_URL", c.url}
			if c.password != "" {
				env = append(env, "RESETD_MAIL_USER", "user", "RESETD_MAIL_PASSWORD", c.password)
			}
			r := mailed(t, "user@example.org", env...)
			if r.status != 1 || !strings.HasPrefix(r.errors, "resetd: 127.0.0.1:") || !strings.Contains(r.errors, c.words) || strings.Count(r.errors, "\n") != 1 {
				t.Errorf("status %d, %q", r.status, r.errors)
			}
			r.never("hunter22")
		})
	}
}

func TestCheckOfMailServers(t *testing.T) {
	locked := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
	unknown, _, _ := strings.Cut(locked.URL(), "?")
	bare := smtpsink.Start(t, smtpsink.Options{Security: smtpsink.Clear})
	database := testkit.SQLite(t)
	for name, c := range map[string]struct{ url, words string }{
		"a wrong password":     {locked.URL(), "535 5.7.8"},
		"an unknown authority": {unknown, "?ca=FILE"},
		"no encryption":        {"smtp://" + bare.Addr(), "STARTTLS"},
		"no server":            {"smtp://127.0.0.1:1", "host and port"},
	} {
		t.Run(name, func(t *testing.T) {
			r := checked(t, "RESETD_DATABASE_URL", database, "RESETD_MAIL_URL", c.url, "RESETD_MAIL_USER", "user", "RESETD_MAIL_PASSWORD", "hunter22",
				"RESETD_MAIL_FROM", "accounts@example.org")
			r.wrong("mail")
			r.line("WRONG", "mail", "127.0.0.1:", c.words)
			r.never("hunter22")
			if r.status != 1 {
				t.Errorf("exit status %d", r.status)
			}
		})
	}
}

func TestCheckOfTransportsThatSendNothing(t *testing.T) {
	env := []string{"RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_TRUSTED_PROXIES", "127.0.0.1"}
	trial := checked(t, env...)
	trial.wrong()
	trial.line("note", "mail", "standard output", "trials only")
	public := checked(t, append(env, "RESETD_BASE_URL", "https://accounts.example.org")...)
	public.wrong("mail")
	public.line("WRONG", "mail", "standard output", "RESETD_MAIL_URL")
	sink := smtpsink.Start(t, smtpsink.Options{})
	env = append(env, "RESETD_MAIL_URL", sink.URL())
	checked(t, env...).line("note", "sender", "at localhost", "RESETD_MAIL_FROM")
	checked(t, append(env, "RESETD_BASE_URL", "https://accounts.example.org")...).line("WRONG", "sender", "at localhost", "RESETD_MAIL_FROM")
}
