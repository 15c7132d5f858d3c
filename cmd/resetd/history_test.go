package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func TestTimesHaveAZoneOrAreUTC(t *testing.T) {
	for text, want := range map[string]string{
		"":           "0001-01-01T00:00:00Z 0001-01-01T00:00:00Z",
		"2031-05-06": "2031-05-06T00:00:00Z 2031-05-07T00:00:00Z", "9999-12-31": "9999-12-31T00:00:00Z 0001-01-01T00:00:00Z",
		"2031-05-06 07:08:09":       "2031-05-06T07:08:09Z 2031-05-06T07:08:09Z",
		"2031-05-06T07:08:09+02:00": "2031-05-06T05:08:09Z 2031-05-06T05:08:09Z",
	} {
		begins, ends, err := parseWhen("--since", text)
		if got := begins.Format(time.RFC3339) + " " + ends.Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%q: got %s (%v), want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"0000-01-01", "0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "yesterday", "2031-02-29"} {
		if _, _, err := parseWhen("--since", text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestHistoryFlags(t *testing.T) {
	eachSite(t, func(s *site) {
		ids := map[string]string{}
		for name, change := range map[string]func(*reset.Reset){
			"plain": func(*reset.Reset) {},
			"other": func(r *reset.Reset) { r.Email, r.UserID = "other@example.org", "customer-7" },
			"far":   func(r *reset.Reset) { r.CreatedByIP = testkit.Visitor.IP.Next() },
			"old":   func(r *reset.Reset) { r.CreatedAt, r.Withheld = r.CreatedAt.AddDate(0, 0, -2), reset.WithheldThrottled },
		} {
			ids[s.row(change).ID.String()] = name
		}
		ip := testkit.Visitor.IP.Next().String()
		for flags, want := range map[string]string{
			"": "far old other plain", "user@example.org": "far old plain", "--email User@example.org": "far old plain", "--user customer-7": "other",
			"--ip " + ip: "far", "--ip " + ip + "/24": "far old other plain", "--status withheld": "old", "--status throttled": "old", "--status pending": "far other plain",
			"--since 2031-05-05": "far other plain", "--until 2031-05-04": "old", "--until 2031-05-03": "", "--since 2031-05-04 --until 2031-05-04": "old",
			"--until 2031-05-04T00:00:00Z": "", "--email user@example.org --ip " + ip: "far", "--limit 1 --status throttled": "old",
		} {
			if got := s.listedBy(ids, strings.Fields(flags)...); got != want {
				s.Errorf("history %s: found %q, want %q", flags, got, want)
			}
		}
		for _, wrong := range []string{"--status lost", "--ip 1.2.3", "--email nobody", "--since 0000-01-01", "--until yesterday", "--limit -1", "203.0.113.0/33", "x --user y"} {
			if status, out := s.history(strings.Fields(wrong)...); status != exitUsage || out != "" {
				s.Errorf("history %s: status %d and %q, want %d and nothing", wrong, status, out, exitUsage)
			}
		}
	})
}

// history returns the output of the command.
func (s *site) history(args ...string) (status int, out string) {
	s.Helper()
	var printed, problems bytes.Buffer
	env := map[string]string{"RESETD_DATABASE_URL": s.db.URL, "RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
	status = run(context.Background(), append([]string{"history", "--format", "json"}, args...), func(name string) string { return env[name] }, nil, &printed, &problems)
	return status, printed.String()
}

// A remark on how far back a search goes would be false of rows that the limit left out.
func TestHistorySaysThatItsLimitLeftOutRows(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		for range 2 {
			s.row(func(r *reset.Reset) { r.UserID = a.ID })
		}
		s.db.SQL(s.T, `INSERT INTO reset_events (user_id, at, kind, actor, agent) SELECT '`+a.ID+`', created_at, 'locked', 'user', '' FROM password_resets`)
		const limited, bound = "These are the newest %d, and there are more.", "This search goes back to"
		for args, want := range map[string]string{
			"--limit 1": fmt.Sprintf(limited, 1), "--limit 2": bound, "--limit 0": bound, "": bound,
			"--user " + a.ID + " --limit 3": fmt.Sprintf(limited, 3), "--user " + a.ID + " --limit 4": "",
		} {
			for _, format := range []string{"json", "csv", "table"} {
				var printed, remarks bytes.Buffer
				env := map[string]string{"RESETD_DATABASE_URL": s.db.URL, "RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
				run(t.Context(), append([]string{"history", "--format", format}, strings.Fields(args)...), func(name string) string { return env[name] }, nil, &printed, &remarks)
				if got := remarks.String(); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") != (want != "") || strings.Count(got, "\n") > 1 || strings.Contains(printed.String(), "These are") {
					s.Errorf("history %s as %s: got the remark %q, want %q", args, format, got, want)
				}
			}
		}
	})
}

func (s *site) listedBy(names map[string]string, args ...string) string {
	s.Helper()
	var found []string
	_, out := s.history(args...)
	for line := range strings.Lines(out) {
		var r struct{ ID string }
		s.must(json.Unmarshal([]byte(line), &r))
		found = append(found, names[r.ID])
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

// The help of --status names each value that it accepts.
func TestHelpOfHistoryNamesEachStatus(t *testing.T) {
	var out bytes.Buffer
	if status := run(t.Context(), []string{"history", "--help"}, func(string) string { return "" }, nil, &out, &out); status != 0 {
		t.Fatal(out.String())
	}
	help := strings.FieldsFunc(out.String(), func(r rune) bool { return strings.ContainsRune(" \n,;.", r) })
	for _, value := range append(strings.Split(commas(history.Statuses), ", "), strings.Split(commas(history.Reasons), ", ")...) {
		if !slices.Contains(help, value) {
			t.Errorf("%s is not in the help:\n%s", value, out.String())
		}
	}
}
