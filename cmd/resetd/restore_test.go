package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/postgres"
	"resetd/internal/testkit/smtpsink"
)

// saved copies the database as operations.md describes it, and returns a function that
// restores the copy into a new one.
func (s *site) saved() (restore func() testkit.Database) {
	s.Helper()
	if s.db.Name == "sqlite" {
		file := filepath.Join(s.TempDir(), "copy.db")
		s.must(s.app.store.Backup(s.Context(), file))
		return func() testkit.Database { return testkit.Database{Name: "sqlite", URL: "sqlite:" + file} }
	}
	file := filepath.Join(s.TempDir(), "resetd.dump")
	s.postgres("pg_dump", "--format=custom", "--file="+file, s.db.URL)
	return func() testkit.Database {
		next := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(s.T)}
		s.postgres("pg_restore", "--exit-on-error", "--no-owner", "--dbname="+next.URL, file)
		return next
	}
}

// postgres runs a program of PostgreSQL. Its packages put the programs beside the server,
// or into PATH.
func (s *site) postgres(program string, args ...string) {
	s.Helper()
	folder, err := postgres.Programs()
	s.must(err)
	path := filepath.Join(folder, program)
	if _, err := os.Stat(path); err != nil {
		path = program
	}
	if out, err := exec.CommandContext(s.Context(), path, args...).CombinedOutput(); err != nil {
		s.Fatalf("%s: %v\n%s", program, err, out)
	}
}

var messageID = regexp.MustCompile(`(?mi)^Message-ID: (.*)\r$`)

// After a restore, links that were in flight open. Of the emails, only those are sent
// that were due when the copy was made: one that was sent since arrives twice, with the
// same Message-ID.
func TestRestoreKeepsLinksAndRepeatsOnlyWhatWasDue(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, email := range []string{"before@example.org", "used@example.org", "due@example.org"} {
			s.user(email)
		}
		sent, later := s.ask("before@example.org"), s.ask("used@example.org")
		s.sink.Add(smtpsink.Rule{Recipient: "due@example.org", At: smtpsink.Rcpt, Code: 451, Text: "try later"})
		s.browser().Post("/password-reset", "email", "due@example.org").Is(http.StatusSeeOther)
		s.eventually("the first attempt", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE attempts = 1 AND next_attempt_at IS NOT NULL AND last_reply <> ''`) == "1"
		})
		restore := s.saved()

		s.sink.RemoveRules()
		s.clock.Add(20 * time.Second)
		first := s.mails() // the old instance sends it
		b := s.browser()
		b.Choose(b.OpenLink(later), newPassword, newPassword).Is(http.StatusSeeOther)
		s.mails()

		next := newSite(t, restore())
		next.clock.Add(20 * time.Second)
		next.work()
		again := next.mails()
		if len(again) != 1 || len(first) != 3 || again[0].To[0] != "due@example.org" {
			t.Fatalf("%d emails came after the restore, want the one that was due", len(again))
		}
		if got, want := messageID.FindString(again[0].Data), messageID.FindString(first[2].Data); got != want || want == "" {
			t.Errorf("Message-ID: got %q, want that of the first time, %q", got, want)
		}
		for _, link := range []string{sent, next.linkIn(again[0]), later} { // the last use is lost with its password
			b := next.browser()
			b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
		}
	})
}
