//go:build postfix

package postfix

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/webtest"
)

// Mails must arrive in a real mailbox, at once or after a temporary refusal. After a
// permanent refusal they must not arrive, and the refusal must be recorded.
func TestDeliveryThroughPostfixIntoAMaildir(t *testing.T) {
	mx := startServer(t)
	binary, err := instance.Build(t.Context(), t.TempDir())
	mx.must(err)
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := &server{t, mx.Server}
		before := map[string]int{"user": len(s.mailbox("user")), "later": len(s.mailbox("later"))}
		s.refuseLater("later@example.org 450 4.2.0 Greylisted, please come back\n")
		s.must(s.Reload(t.Context()))
		for _, name := range []string{"user", "later", "gone"} {
			testkit.AddUser(t, db.Open(t), name+"@example.org", testkit.PasswordHash)
		}
		program := start(s, binary, db)
		for _, name := range []string{"user", "later", "gone"} {
			ask(s, program, name+"@example.org")
		}
		s.eventually("the email is in the mailbox", func() bool { return len(s.mailbox("user")) == before["user"]+1 })
		newest := s.mailbox("user")[before["user"]]
		for _, want := range []string{"Message-ID: <", "Auto-Submitted: auto-generated", "multipart/alternative", "TLSv1.3", "/password-reset/confirm/"} {
			if !strings.Contains(newest, want) {
				t.Errorf("the email has no %q:\n%s", want, newest)
			}
		}
		s.eventually("the others are noted", func() bool {
			return replies(t, db, "deferred") == "450 4.2.0" && replies(t, db, "failed") == "550 5.1.1"
		})
		if sent := replies(t, db, "sent"); sent != "250 2.0.0" {
			t.Errorf("sent: got %q, want the server's 250", sent)
		}
		s.refuseLater("")
		s.must(s.Reload(t.Context()))
		s.eventually("the email that was refused for now has come", func() bool { return len(s.mailbox("later")) == before["later"]+1 })
		s.eventually("that is noted", func() bool {
			return db.Text(t, `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`) == "0"
		})
	})
}

func start(s *server, binary string, db testkit.Database) *instance.Instance {
	s.Helper()
	program, err := instance.Start(s.Context(), binary, map[string]string{
		"RESETD_DATABASE_URL": db.URL, "RESETD_MAIL_FROM": "accounts@example.org",
		"RESETD_MAIL_URL":   s.URL(),
		"RESETD_SECRET_KEY": base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")),
	}, "serve")
	s.must(err)
	s.Cleanup(func() { program.Stop() })
	return program
}

func ask(s *server, program *instance.Instance, email string) {
	s.Helper()
	webtest.New(s.T, program.URL).Request(email).Is(http.StatusSeeOther)
}

// replies returns the beginning of the server's reply in events of a kind.
func replies(t *testing.T, db testkit.Database, kind string) string {
	t.Helper()
	words := db.Text(t, `SELECT max(detail) FROM reset_events WHERE kind = '`+kind+`'`)
	i := strings.IndexAny(words, "245")
	if i < 0 {
		return words
	}
	return words[i:min(len(words), i+len("250 2.0.0"))]
}

func (s *server) eventually(what string, done func() bool) {
	s.Helper()
	for start := time.Now(); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Since(start) > 3*time.Minute {
			s.Fatalf("timeout after three minutes: %s\n%s", what, s.Log())
		}
	}
}
