package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/bounce"
	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

func bouncesOn(vars *config.Settings, _ *config.Secrets) { vars.BounceAddress = "bounces@example.org" }

// returned is a report about an email that was sent from an address.
func returned(sender, action string) string {
	return fmt.Sprintf("To: %s\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"+
		"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; user@example.org\n"+
		"Action: %s\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 over quota\n--b--\n", sender, action)
}

// bounces runs the command with a message, or with a folder of messages.
func (s *site) bounces(stdin string, args ...string) (status int, out, problems string) {
	s.Helper()
	env := map[string]string{
		"RESETD_DATABASE_URL": s.db.URL, "RESETD_BOUNCE_ADDRESS": "bounces@example.org", "RESETD_BASE_URL": s.url,
		"RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}
	var stdout, stderr bytes.Buffer
	status = run(s.Context(), append([]string{"bounces"}, args...), func(name string) string { return env[name] }, strings.NewReader(stdin), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func TestBounceIsRecordedOnceAndShown(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.ask("user@example.org")
		from := s.mails()[0].From
		for _, c := range []struct{ message, want string }{
			{returned(from, "delayed"), "bounced: 0, recorded before or unknown: 0, no bounce: 1\n"},
			{returned("bounces+"+strings.Repeat("a", 52)+"@example.org", "failed"), "bounced: 0, recorded before or unknown: 0, no bounce: 1\n"},
			{returned(strings.ToUpper(from), "failed"), "bounced: 1, recorded before or unknown: 0, no bounce: 0\n"},
			{returned(from, "failed"), "bounced: 0, recorded before or unknown: 1, no bounce: 0\n"},
		} {
			if status, out, problems := s.bounces(c.message); status != 0 || out != c.want || problems != "" {
				s.Errorf("status %d, %q, %q; want %q", status, out, problems, c.want)
			}
		}
		r := s.resets()[0]
		if r.Mail != reset.MailBounced || history.OutcomeOf(r, s.clock.Now()) != history.MailBounced {
			s.Errorf("the reset has mail %q", r.Mail)
		}
		const reason = "mailbox full (5.2.2): 552 5.2.2 over quota"
		s.stored(`SELECT agent || ' ' || detail FROM reset_events WHERE kind = 'bounced'`, "mx.example.com "+reason)
		b := s.member("vera", staff.Viewer)
		b.Get("/support/accounts/"+a.ID).Is(http.StatusOK).Shows(".timeline .bounced", reason, "mx.example.com").Shows(".situation", reason)
		b.Get("/support/resets/"+r.ID.String()).Is(http.StatusOK).Shows(".verdict", "came back", reason)
	}, bouncesOn)
}

// An email without a reset belongs to the person.
func TestBouncedNoticeIsWithThePerson(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
		if status, out, _ := s.bounces(returned(s.mails()[0].From, "failed")); status != 0 || !strings.HasPrefix(out, "bounced: 1,") {
			s.Errorf("status %d, %q", status, out)
		}
		s.member("vera", staff.Viewer).Get("/support/accounts/"+a.ID+"?kind=emails").Is(http.StatusOK).Shows(".timeline .bounced", "mailbox full (5.2.2)")
	}, bouncesOn)
}

// The email of a reset came back days later: the sums of its day change.
func TestLateBounceIsInTheSums(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		now := s.clock.Now()
		s.must(s.app.store.SumHours(s.Context(), now, now))
		s.row(func(r *reset.Reset) { r.CreatedAt, r.ExpiresAt = now.AddDate(0, 0, 20), now.AddDate(0, 0, 21) })
		s.must(s.app.store.SumHours(s.Context(), now.AddDate(0, 0, 20), now.AddDate(0, 0, 20)))
		s.bounces(returned(s.mails()[0].From, "failed"))
		s.stored(`SELECT mail_bounced FROM reset_hours ORDER BY hour LIMIT 1`, "1")
	}, bouncesOn)
}

// The command reads a Maildir: what is recorded is marked as seen, the rest is for people.
func TestBouncesOfAMaildir(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		dir := s.TempDir()
		for _, folder := range []string{"new", "cur"} {
			s.must(os.Mkdir(filepath.Join(dir, folder), 0o700))
		}
		s.must(os.WriteFile(filepath.Join(dir, "new", "1.x"), []byte(returned(s.mails()[0].From, "failed")), 0o600))
		s.must(os.WriteFile(filepath.Join(dir, "new", "2.x"), []byte("Subject: away\n\nI am away.\n"), 0o600))
		if status, out, problems := s.bounces("", dir); status != 0 || out != "bounced: 1, recorded before or unknown: 0, no bounce: 1\n" {
			s.Errorf("status %d, %q, %q", status, out, problems)
		}
		for _, name := range []string{"1.x:2,S", "2.x:2,"} {
			if _, err := os.Stat(filepath.Join(dir, "cur", name)); err != nil {
				s.Error(err)
			}
		}
		if status, _, problems := s.bounces("", s.TempDir()); status != exitFailed || !strings.Contains(problems, "no Maildir") {
			s.Errorf("an empty folder: status %d, %q", status, problems)
		}
	}, bouncesOn)
}

// The user of a mail server's pipe often can't read the settings. Nothing is lost.
func TestBounceIsOfferedAgainWithoutSettings(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "resetd.env")
	for args, want := range map[string]int{"bounces": exitLater, "bounces --mistake": exitLater, "bounces " + t.TempDir(): exitUsage, "history bounces": exitUsage} {
		var problems bytes.Buffer
		all := append([]string{"--config", missing}, strings.Fields(args)...)
		if status := run(t.Context(), all, func(string) string { return "" }, strings.NewReader(""), &problems, &problems); status != want {
			t.Errorf("%s: status %d, want %d: %s", args, status, want, &problems)
		}
	}
}

// An email server must keep a message that could not be recorded.
func TestBounceIsOfferedAgainAfterAFailure(t *testing.T) {
	eachSite(t, func(s *site) {
		s.db.SQL(s.T, `ALTER TABLE reset_deliveries RENAME TO away`)
		keys, err := s.app.cfg.SigningKeys()
		s.must(err)
		from := bounce.NewSender(s.app.cfg.Bounces, keys).Of(reset.ID{1})
		if status, _, _ := s.bounces(returned(from, "failed")); status != exitLater {
			s.Errorf("status %d, want %d", status, exitLater)
		}
	}, bouncesOn)
}
