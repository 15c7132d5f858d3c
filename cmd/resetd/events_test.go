package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// events returns the kinds and details of an account's events, oldest first.
func (s *site) events(userID string) (all []string) {
	s.Helper()
	found, err := s.app.store.EventsOf(s.Context(), userID, history.EventSearch{Rows: 1000})
	s.must(err)
	for _, e := range slices.Backward(found) {
		all = append(all, strings.TrimSpace(string(e.Kind)+" "+e.Detail))
	}
	return all
}

func (s *site) wantEvents(userID string, want ...string) {
	s.Helper()
	if got := s.events(userID); !slices.Equal(got, want) {
		s.Errorf("events: got %q, want %q", got, want)
	}
}

func TestEventsOfAnAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().signUp("new@example.org")
		link := s.signUpLinkIn(s.mails()[0])
		s.from("203.0.113.7").With("User-Agent", "Confirming/1.0").finish(link, newPassword).Is(http.StatusSeeOther)
		id := s.db.Text(s.T, `SELECT id FROM users`)
		b := s.from("198.51.100.7").With("User-Agent", "Example/1.0")
		b.login("new@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		b.login("new@example.org", newPassword).Is(http.StatusSeeOther)
		b.Post("/password-change", "old_password", "wrong", "new_password", oldPassword, "confirm_password", oldPassword).Is(http.StatusUnprocessableEntity)
		b.Post("/password-change", "old_password", newPassword, "new_password", oldPassword, "confirm_password", oldPassword).Is(http.StatusSeeOther)
		line(s.T, s.db, "users", "set-password", "new@example.org")
		for _, command := range []string{"disable", "disable", "enable", "enable"} {
			line(s.T, s.db, "users", command, "new@example.org")
		}
		s.wantEvents(id, "signed_up", "sign_in_failed", "signed_in", "wrong_password", "password_changed", "password_changed", "disabled", "enabled")

		found, err := s.app.store.EventsOf(s.Context(), id, history.EventSearch{Rows: 1000})
		s.must(err)
		for i, want := range []string{
			"operator", "operator", "operator", "user 198.51.100.7 Example/1.0", "user 198.51.100.7 Example/1.0",
			"user 198.51.100.7 Example/1.0", "user 198.51.100.7 Example/1.0", "user 203.0.113.7 Confirming/1.0",
		} {
			e, from := found[i], ""
			if e.IP.IsValid() {
				from = " " + e.IP.String() + " " + e.Agent
			}
			if got := e.Actor + from; got != want || e.At.IsZero() {
				s.Errorf("%s: got %q at %v, want %q", e.Kind, got, e.At, want)
			}
		}
	}, signUpOn, limits("0", "0", "0", "0"))
}

func TestEnabledAccountSignsIn(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		line(s.T, s.db, "users", "disable", "user@example.org")
		s.accepts("user@example.org", oldPassword, false)
		line(s.T, s.db, "users", "enable", "user@example.org")
		s.accepts("user@example.org", oldPassword, true)
	})
}

// A flood of failures gets few rows, from one network and from many, with and without
// limits. The rows show how large it was. A lock has its cause.
func TestFloodOfFailuresGetsFewEvents(t *testing.T) {
	eachSite(t, func(s *site) {
		a, b := s.user("user@example.org"), s.user("other@example.org")
		for range 24 {
			s.from("198.51.100.7").login("user@example.org", "wrong")
		}
		s.from("198.51.100.7").login("nobody@example.org", "wrong")
		failed := slices.Repeat([]string{"sign_in_failed"}, 5)
		got, want := s.events(a.ID), append(failed, "sign_in_failed #8", "sign_in_failed #16", "locked network")
		if slices.Sort(got); !slices.Equal(got, sorted(want)) {
			s.Errorf("got %q, want %q", got, want)
		}
		for i := range 52 {
			s.from(fmt.Sprintf("203.0.113.%d", i)).login("other@example.org", "wrong")
		}
		got = s.events(b.ID)
		if want := append(slices.Repeat([]string{"sign_in_failed"}, 32), "locked account"); !slices.Equal(sorted(got), sorted(want)) {
			s.Errorf("got %q, want %q", got, want)
		}
		s.stored(`SELECT count(*) FROM reset_events WHERE user_id IS NULL OR user_id NOT IN ('`+a.ID+`', '`+b.ID+`')`, "0")
	}, limits("0", "0", "0", "20/15m"), accountLimit("50/1h"))
}

func TestUnlimitedFailuresGetFewEvents(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		for range 20 {
			s.browser().login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		if got := s.events(a.ID); len(got) != 7 {
			s.Errorf("got %q, want 7 events", got)
		}
	})
}

func sorted(all []string) []string {
	slices.Sort(all)
	return all
}

// Staff see a lock with its scope, and where the failures came from. An agent lifts it.
func TestStaffLiftALock(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		vera, arno := s.member("vera", staff.Viewer), s.member("arno", staff.Agent)
		path := "/support/accounts/" + a.ID
		arno.Get(path).Is(http.StatusOK).Has(".locks", 0).Has(`button[value="unlock"]`, 0)
		s.lock("198.51.100.7", "user@example.org", 3)

		p := arno.Get(path).Is(http.StatusOK).Has(".locks li", 1).Has(`button[value="unlock"]`, 1)
		p.Shows(".locks", "3 failures", "from one network").Shows(".locks h2", "locked in part")
		p.Shows(".timeline .locked", "198.51.100.7", "from one network").Shows("h1", "sign-in locked")
		vera.Get(path).Is(http.StatusOK).Has(".locks li", 1).Has("main form", 0)
		vera.act(a.ID, "unlock", "she called").Is(http.StatusForbidden)
		arno.act(a.ID, "unlock", " ").Is(http.StatusUnprocessableEntity).Has(`[role="alert"] a[href="#reason"]`, 1)
		arno.Post(path).Is(http.StatusBadRequest)
		s.from("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)

		arno.act(a.ID, "unlock", "she called").Is(http.StatusSeeOther).To(path + "?done=unlock")
		p = arno.Get(path+"?done=unlock").Is(http.StatusOK).Has(".locks", 0).Has(".done", 1)
		p.Shows(".timeline .unlocked", "by arno of the staff")
		p.Shows(".timeline .staff", "lifted the locks", "arno", "she called")
		vera.Get(path+"?done=unlock").Is(http.StatusOK).Has(".done", 0)
		s.from("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		for refused, want := range map[string]string{"": "1", "not allowed for this role": "1", "a reason is required": "1"} {
			s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'unlock' AND target = '`+a.ID+`' AND refused = '`+refused+`'`, want)
		}
		arno.act("nobody", "unlock", "x").Is(http.StatusNotFound)
	}, limits("0", "0", "0", "3/15m"))
}

// The command line shows an account's events together with its resets, newest first.
func TestHistoryOfAUserContainsEvents(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		record := func(after time.Duration, kind reset.EventKind, detail string) {
			s.must(s.app.resets.Record(s.Context(), "", reset.Event{UserID: a.ID, At: s.clock.Now().Add(after), Kind: kind, Actor: reset.ActorUser, IP: testkit.Visitor.IP, Agent: "=cmd", Detail: detail}))
		}
		record(-time.Minute, reset.EventSignInFailed, "")
		r := s.row(func(r *reset.Reset) { r.UserID = a.ID })
		record(time.Minute, reset.EventLocked, "network")
		s.row(func(r *reset.Reset) { r.UserID, r.CreatedAt = a.ID, r.CreatedAt.Add(-48*time.Hour) })

		kinds := func(args ...string) (found []string) {
			_, out := s.history(append([]string{"--user", a.ID}, args...)...)
			for line := range strings.Lines(out) {
				var o map[string]any
				s.must(json.Unmarshal([]byte(line), &o))
				if _, event := o["event"]; event && (o["user_id"] != a.ID || o["created_by_ip"] != testkit.Visitor.IP.String() || o["actor"] != "user" || o["created_by_agent"] != "=cmd") {
					s.Errorf("event %v", o)
				}
				found = append(found, fmt.Sprint(o["event"], o["status"]))
			}
			return found
		}
		for args, want := range map[string][]string{
			"":                               {"locked<nil>", "<nil>pending", "sign_in_failed<nil>", "<nil>pending"},
			"--limit 3":                      {"locked<nil>", "<nil>pending", "sign_in_failed<nil>"},
			"--since 2031-05-06":             {"locked<nil>", "<nil>pending", "sign_in_failed<nil>"},
			"--until 2031-05-05":             {"<nil>pending"},
			"--until 2031-05-06T07:08:00Z":   {"sign_in_failed<nil>", "<nil>pending"},
			"--status pending":               {"<nil>pending", "<nil>pending"},
			"--email user@example.org":       {"<nil>pending", "<nil>pending"},
			"--ip " + r.CreatedByIP.String(): {"<nil>pending", "<nil>pending"},
		} {
			if got := kinds(strings.Fields(args)...); !slices.Equal(got, want) {
				s.Errorf("history %s: got %q, want %q", args, got, want)
			}
		}
		if got := kinds("--user", "User@example.org"); len(got) != 4 { // replaces the id
			s.Errorf("history --user with the address: got %q, want all four", got)
		}
		if status, out := s.history("--user", "nobody@example.org"); status != exitFailed || out != "" {
			s.Errorf("history --user without an account: status %d and %q, want a failure", status, out)
		}
		_, out := s.history("--user", a.ID, "--format", "csv")
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		s.must(err)
		header := rows[0]
		if len(rows) != 5 || !slices.Equal(header[len(header)-4:], []string{"outcome", "event", "actor", "detail"}) || rows[1][6] != "'=cmd" ||
			!slices.Equal(rows[1][len(header)-3:], []string{"locked", "user", "network"}) || rows[2][0] != r.ID.String() {
			s.Errorf("got %q", out)
		}
		if _, out = s.history("--user", a.ID, "--format", "table"); !strings.Contains(out, "locked (network)") || !strings.Contains(out, r.ID.String()) {
			s.Errorf("got %s", out)
		}
		if _, out = s.history("--email", "user@example.org", "--format", "csv"); strings.Contains(out, "actor") {
			s.Error("a search for resets alone has the columns of events")
		}
	})
}

// A dead link that is opened again and again gets few rows, and the page stays short.
func TestManyOpensOfALinkAreCountedTogether(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link, b := s.ask("user@example.org"), s.browser()
		s.clock.Add(time.Minute) // not as soon as a scanner
		for range 20 {
			s.browser().With("Accept-Language", "en").With("Sec-Fetch-Mode", "navigate").With("User-Agent", testkit.Visitor.Agent).Get(link).Is(http.StatusSeeOther)
		}
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
		for range 100 {
			s.browser().Get(link).Is(http.StatusGone)
		}
		s.stored(`SELECT count(*) FROM reset_events WHERE kind = 'refused'`, "9")
		vera := s.member("vera", staff.Viewer)
		p := vera.Get("/support/resets/" + s.resets()[0].ID.String()).Is(http.StatusOK)
		p.Shows(".verdict", "at least 16 times by a person", "At least 64 attempts to open or use it were refused")
		p.Shows(".timeline", "the link was used before, number 64 of its kind")
	})
}

func TestTimelineOfAResetIsPaged(t *testing.T) {
	eachSite(t, func(s *site) {
		r, vera := s.row(func(r *reset.Reset) { r.Withheld = reset.WithheldNoAccount }), s.member("vera", staff.Viewer)
		s.must(s.app.store.InTx(s.Context(), func(tx reset.Tx) error {
			for i := range 248 {
				if err := tx.Append(s.Context(), reset.Event{ResetID: r.ID, At: r.CreatedAt.Add(time.Duration(i) * time.Second), Kind: reset.EventNotMe, Actor: reset.ActorUser}); err != nil {
					return err
				}
			}
			return nil
		}))
		path, seen := "/support/resets/"+r.ID.String(), []int{}
		for path != "" && len(seen) < 5 {
			p := vera.Get(path).Is(http.StatusOK)
			seen = append(seen, p.Find(".timeline > li").Length())
			path = p.Find(`.timeline-pages a[rel="next"]`).AttrOr("href", "")
		}
		if !slices.Equal(seen, []int{100, 100, 50}) {
			s.Errorf("the pages have %v moments", seen)
		}
		for _, wrong := range []string{"-1", "x", "999999", "99999999999999999999"} {
			vera.Get("/support/resets/"+r.ID.String()+"?from="+wrong).Is(http.StatusOK).Has(".timeline > li", 100)
		}
	})
}

// The shield covers GETs of links, genuine or forged.
func TestShieldCoversOpensOfLinks(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		genuine := s.ask("user@example.org")
		for i, link := range []string{genuine, "/password-reset/confirm/" + strings.Repeat("a", 52), s.notMeIn(s.mails()[0]), "/signup/confirm/" + strings.Repeat("a", 52)} {
			b := s.from(fmt.Sprintf("198.51.100.%d", i))
			for range 4 {
				if p := b.Get(link); p.Status == http.StatusTooManyRequests {
					s.Errorf("%s: too soon", link)
				}
			}
			b.Get(link).Is(http.StatusTooManyRequests)
			b.Head(link).Is(http.StatusTooManyRequests)
		}
	}, signUpOn, func(v *config.Settings, _ *config.Secrets) { v.LimitIP, v.TrustedProxies = "1/1h", "127.0.0.0/8" })
}

// People type passwords into the field of the name. They must not be stored, in any
// form that they take, and many attempts must not fill the audit.
func TestTypedNamesOfStaffAreNotStored(t *testing.T) {
	eachSite(t, func(s *site) {
		s.member("arno", staff.Agent)
		for i := range 12 {
			s.from("198.51.100.7").staffLogin(fmt.Sprintf("Secret%d-Passw0rd!", i), "x", "").Is(http.StatusUnprocessableEntity)
			s.from("198.51.100.7").staffLogin("secret-word", "x", "").Is(http.StatusUnprocessableEntity) // it looks like a name
		}
		for i := range 40 {
			s.from(fmt.Sprintf("203.0.113.%d", i)).staffLogin("other", "x", "").Is(http.StatusUnprocessableEntity)
		}
		for range 17 {
			s.from("198.51.100.9").staffLogin(" ARNO", "x", "").Is(http.StatusUnprocessableEntity)
		}
		for _, table := range []string{"reset_audit", "reset_events", "reset_limits", "reset_staff_sessions"} {
			if text := s.dump(table); strings.Contains(strings.ToLower(text), "secret") || strings.Contains(text, "other") {
				s.Errorf("%s contains a typed name", table)
			}
		}
		for member, want := range map[string]string{"(unknown)": "32", "arno": "7"} {
			s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'sign_in' AND refused <> '' AND lower(member) = '`+member+`'`, want)
		}
		s.clock.Add(time.Hour)
		s.from("198.51.100.7").staffLogin("secret-word", "x", "").Is(http.StatusUnprocessableEntity)
		s.stored(`SELECT count(*) FROM reset_audit WHERE member = '(unknown)'`, "33")
	}, limits("0", "0", "0", "0"))
}

// The time of a failed sign-in must not reveal whether there is an account: with and
// without one, with and without an event, there are as many writes.
func TestFailedSignInsWriteAlike(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.member("arno", staff.Agent)
		rows := func() (n int) {
			for _, query := range []string{
				`SELECT count(*) FROM reset_events`, `SELECT count(*) FROM reset_audit`, `SELECT coalesce(sum(count), 0) FROM reset_limits`,
			} {
				part, err := strconv.Atoi(s.db.Text(s.T, query))
				s.must(err)
				n += part
			}
			return n
		}
		for i := range 8 { // of 8 failures, the sixth and seventh have no row
			writes := map[string]int{}
			for what, fail := range map[string]func(){
				"user":   func() { s.browser().login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity) },
				"nobody": func() { s.browser().login("nobody@example.org", "wrong").Is(http.StatusUnprocessableEntity) },
			} {
				before := rows()
				fail()
				writes[what] = rows() - before
			}
			if writes["user"] != writes["nobody"] {
				s.Errorf("failure %d: %v writes", i+1, writes)
			}
			for what, name := range map[string]string{"user": "arno", "nobody": "nobody"} {
				before := rows()
				s.browser().staffLogin(name, "wrong", "").Is(http.StatusUnprocessableEntity)
				writes[what] = rows() - before
			}
			if writes["user"] != writes["nobody"] {
				s.Errorf("failure %d of staff: %v writes", i+1, writes)
			}
		}
	}, limits("0", "0", "0", "8/15m"))
}

// All changes on the command line are in the audit.
func TestCommandsAreInTheAudit(t *testing.T) {
	t.Setenv("SUDO_USER", "alice")
	self, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		id := strings.TrimSpace(line(t, db, "users", "add", "user@example.org"))
		var want []string
		for _, c := range []struct{ action, target, args string }{
			{"users_set_password", id, "users set-password user@example.org"},
			{"users_disable", id, "users disable user@example.org"},
			{"users_enable", id, "users enable user@example.org"},
			{"purge", "older than 400d", "purge --older-than 400d"},
			{"staff_add", "arno as agent", "staff add arno --role agent --no-totp"},
			{"staff_disable", "arno", "staff disable arno"},
		} {
			line(t, db, strings.Fields(c.args)...)
			want = append(want, c.action+" "+c.target)
		}
		want = append([]string{"users_add " + id}, want...)
		for i, w := range want {
			got := db.Text(t, fmt.Sprintf(`SELECT action || ' ' || target FROM reset_audit WHERE member = 'operator' AND refused = '' ORDER BY id LIMIT 1 OFFSET %d`, i))
			if got != w {
				t.Errorf("entry %d: got %q, want %q", i, got, w)
			}
		}
		who := self.Username + " (sudo of alice)"
		if got := db.Text(t, `SELECT min(agent) || ' ' || max(agent) FROM reset_audit`); got != who+" "+who {
			t.Errorf("the system's user is %q", got)
		}
		line(t, db, "purge", "--older-than", "0s") // keeps its own entry
		if got := db.Text(t, `SELECT action || ' ' || target FROM reset_audit`); got != "purge older than 0s" {
			t.Errorf("got %q", got)
		}
	})
}
