package threats

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The process runs in the zone of Tokyo, the database in that of New York, the test in
// the local zone.
func TestTimeZones(t *testing.T) {
	each(t, nil, func(s *service) {
		s.program.Kill()
		s.env["TZ"] = "Asia/Tokyo"
		if s.db.Name == "postgres" {
			s.db.SQL(s.T, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''America/New_York''', current_database()); END $$`)
			s.is("America/New_York", `SELECT current_setting('timezone')`)
		}
		s.restart()
		s.account(user)
		before := time.Now()
		link := s.ask(user)
		after := time.Now()
		s.wantBetween(before, after, `created_at FROM password_resets`)
		s.wantBetween(before.Add(time.Hour), after.Add(time.Hour), `expires_at FROM password_resets`)
		if text := s.mails()[0].Text(s); !strings.Contains(text, after.Add(time.Hour).UTC().Format("15:04")+" UTC") && !strings.Contains(text, before.Add(time.Hour).UTC().Format("15:04")+" UTC") {
			s.Errorf("the email does not contain %s UTC:\n%s", after.Add(time.Hour).UTC().Format("15:04"), text)
		}
		b := s.browser()
		b.login(user, oldPassword).To("/login")
		s.wantBetween(before.Add(time.Hour), time.Now().Add(time.Hour), `expires_at FROM reset_sessions`) // without a request
		b.Get("/password-change").Is(http.StatusOK)
		s.db.SQL(s.T, `UPDATE reset_sessions SET expires_at = `+at(-time.Second))
		b.Get("/password-change").To("/login?next=/password-change")
		s.expire(link, time.Second, http.StatusGone)
		s.expire(link, -90*time.Second, http.StatusSeeOther)
		s.browser().finish(link, newPassword)
		s.wantBetween(after, time.Now(), `used_at FROM password_resets`)
	})
}

// expire changes the expiry of a link to a time ago, and opens the link.
func (s *service) expire(link string, ago time.Duration, want int) {
	s.Helper()
	s.db.SQL(s.T, `UPDATE password_resets SET created_at = `+at(-time.Hour-ago)+`, expires_at = `+at(-ago)+` WHERE used_at IS NULL AND revoked_at IS NULL`)
	s.browser().Get(link).Is(want)
}

// wantBetween checks a stored time. It reads the time independently of zones.
func (s *service) wantBetween(from, to time.Time, column string) {
	s.Helper()
	seconds := map[string]string{"sqlite": `strftime('%%s', substr(%[1]s, 1, 26)) FROM %[2]s`, "postgres": `floor(extract(epoch FROM %[1]s)) FROM %[2]s`}[s.db.Name]
	name, table, _ := strings.Cut(column, " FROM ")
	text := s.db.Text(s.T, `SELECT `+fmt.Sprintf(seconds, name, table))
	got, err := strconv.ParseInt(text, 10, 64)
	if err != nil || got < from.Unix() || got > to.Unix() {
		s.Errorf("%s: got %s (%v), want between %d and %d", column, text, err, from.Unix(), to.Unix())
	}
}

// If the clock is set back, earlier rows are in the future. The test creates the rows
// of a clock that was two hours fast.
func TestClockStepsBack(t *testing.T) {
	const step = 2 * time.Hour
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		s.db.SQL(s.T, `UPDATE password_resets SET created_at = `+at(step)+`, expires_at = `+at(step+time.Hour))
		s.wantBetween(time.Now(), time.Now().Add(step+time.Hour), `expires_at FROM password_resets`)
		s.browser().finish(link, newPassword) // the change extended the link
		s.wantDead(link, "used")
		s.db.SQL(s.T, `UPDATE password_resets SET used_at = `+at(step))
		s.wantDead(link, "used") // a used link stays used

		revoked := s.ask(user)
		s.browser().Deny(s.notMeIn(s.wantMails(3, user)[2])).Is(http.StatusOK)
		s.db.SQL(s.T, `UPDATE password_resets SET revoked_at = `+at(step)+`, created_at = `+at(step-time.Minute)+`, expires_at = `+at(step+time.Hour)+` WHERE used_at IS NULL`)
		s.wantDead(revoked, "no longer")
		s.wantPassword(user, newPassword, oldPassword)

		s.expire(s.ask(user), time.Second, http.StatusGone) // requested after the change
	})
}

func (s *service) wantDead(link, word string) {
	s.Helper()
	p := s.browser().Get(link).Is(http.StatusGone)
	if title := p.Find("h1").Text(); !strings.Contains(title, word) {
		s.Errorf("the title is %q, want %q in it", title, word)
	}
	id := s.db.Text(s.T, `SELECT max(CAST(id AS text)) FROM password_resets`)
	again := s.browser().With("Cookie", "resetd_link="+token(link)).Post("/password-reset/confirm", "reset", id, "new_password", "a heron on the roof", "confirm_password", "a heron on the roof")
	if again.Status != http.StatusGone && again.Status != http.StatusConflict {
		s.Errorf("the form: got %d, want it refused", again.Status)
	}
}
