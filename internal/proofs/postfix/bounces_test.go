//go:build postfix

package postfix

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/postfix"
)

// accepting is the configuration of a server that accepts every recipient, and finds out
// later that it can't deliver: the delivery agent refuses full because of its quota, nobody is unknown, the
// next server refuses refused, and does not take late and slow yet. The server warns
// about delays after a while.
const accepting = `
virtual_mailbox_domains = example.org
virtual_mailbox_base = $config_directory/mail
virtual_mailbox_maps = texthash:$config_directory/mailboxes
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = reject_unauth_destination
recipient_delimiter = +
transport_maps = texthash:$config_directory/transport
smtp_tls_security_level = encrypt
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 2s
`

// delay is how long an email must wait before the server warns, and as long again before
// it gives up: RESETD_TEST_DELAY=20m shows that nothing changes after twenty minutes.
func delay(t *testing.T) time.Duration {
	d, err := time.ParseDuration(os.Getenv("RESETD_TEST_DELAY"))
	if err != nil {
		return 4 * time.Second
	}
	t.Log("delay:", d)
	return d
}

func startAccepting(t *testing.T) *server {
	t.Helper()
	mx, err := postfix.New(t.Context(), accepting+fmt.Sprintf("delay_warning_time = %ds\n", int(delay(t).Seconds())))
	s := &server{t, mx}
	s.must(err)
	t.Cleanup(func() { s.must(mx.Close()) })
	next, err := loopback.FreeAddr(t.Context())
	s.must(err)
	master, err := os.ReadFile(filepath.Join(mx.Dir, "master.cf"))
	s.must(err)
	s.must(mx.Write("master.cf", string(master)+
		"quota unix - n n - - pipe\n  user=nobody argv=/bin/sh "+mx.Dir+"/quota.sh\n"+
		next+" inet n - n - - smtpd\n  -o smtpd_recipient_restrictions=check_recipient_access,texthash:"+mx.Dir+"/next,reject\n"))
	s.must(mx.Write("mailboxes", "user@example.org user/\nfull@example.org full/\nlate@example.org late/\nslow@example.org slow/\nbounces@example.org bounces/\n"))
	there := " smtp:" + port(next) + "\n"
	s.must(mx.Write("transport", "full@example.org quota:\nrefused@example.org"+there+"slow@example.org"+there+"late@example.org"+there))
	s.must(mx.Write("next", "refused@example.org 550 5.7.1 Refused after acceptance\nlate@example.org 450 4.2.0 Not yet\nslow@example.org 450 4.4.1 Not yet\n"))
	s.must(mx.Write("quota.sh", "cat >/dev/null\necho '5.2.2 The mailbox is over quota'\nexit 77\n")) // what a delivery agent prints
	s.must(mx.Start(t.Context()))
	return s
}

// port returns an address as Postfix writes it.
func port(addr string) string {
	host, port, _ := strings.Cut(addr, ":")
	return "[" + host + "]:" + port
}

// Every email below is accepted. What a real mail server returns afterwards must be
// recorded with its reason; its warnings and late deliveries must change nothing.
func TestReturnedMailsAreRecorded(t *testing.T) {
	binary, err := instance.Build(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := startAccepting(t)
		names := []string{"user", "full", "nobody", "refused", "late", "slow"}
		for _, name := range names {
			testkit.AddUser(t, db.Open(t), name+"@example.org", testkit.PasswordHash)
		}
		env := map[string]string{
			"RESETD_DATABASE_URL": db.URL, "RESETD_MAIL_FROM": "accounts@example.org", "RESETD_MAIL_URL": s.URL(),
			"RESETD_LINK_LIFETIME": "24h", "RESETD_BOUNCE_ADDRESS": "bounces@example.org",
			"RESETD_SECRET_KEY": base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")),
		}
		program, err := instance.Start(s.Context(), binary, env, "serve")
		s.must(err)
		s.Cleanup(func() { program.Stop() })
		for _, name := range names {
			ask(s, program, name+"@example.org")
		}
		read := func() string {
			command := instance.Command(s.Context(), binary, env, "bounces", filepath.Join(s.Dir, "mail", "bounces"))
			out, err := command.CombinedOutput()
			if err != nil && !strings.Contains(string(out), "no Maildir") { // the first message creates it
				s.Fatalf("resetd bounces: %v\n%s", err, out)
			}
			return string(out)
		}
		wait := 2*delay(t) + time.Minute
		s.within(wait, "three emails have come back", func() bool { read(); return count(db, t, "bounced") == "3" })
		s.within(wait, "the server has warned about two delays", func() bool {
			return strings.Count(s.Log(), "sender delay notification") == 2
		})
		s.within(wait, "the warnings are read", func() bool { read(); return len(s.mailbox("bounces")) == 0 && s.seen("bounces") >= 5 })
		if got := count(db, t, "bounced"); got != "3" {
			s.Errorf("after the warnings %s emails count as bounced, want 3", got)
		}
		s.must(s.Write("next", "slow@example.org 550 5.2.1 Given up\n"))
		others, _, _ := strings.Cut(s.read("transport"), "late@example.org") // late is delivered here: the next server is this one, and would send it to itself
		s.must(s.Write("transport", others))
		s.must(s.Reload(s.Context()))
		s.within(wait, "the late email has arrived", func() bool { return len(s.mailbox("late")) == 1 })
		s.within(wait, "the email that was given up has come back", func() bool { read(); return count(db, t, "bounced") == "4" })
		want := map[string]string{
			"full": "mailbox full (5.2.2)", "nobody": "no such mailbox (5.1.1)", "refused": "refused by policy (5.7.1)", "slow": "mailbox disabled (5.2.1)",
		}
		for name, reason := range want {
			got := db.Text(t, `SELECT r.mail || ': ' || e.detail FROM reset_events e JOIN password_resets r ON r.id = e.reset_id WHERE e.kind = 'bounced' AND r.email = '`+name+`@example.org'`)
			if !strings.HasPrefix(got, "bounced: "+reason) {
				s.Errorf("%s: recorded %q, want %q", name, got, reason)
			}
			t.Log(name, got)
		}
		for _, name := range names {
			if _, bounced := want[name]; !bounced {
				if got := db.Text(t, `SELECT mail FROM password_resets WHERE email = '`+name+`@example.org'`); got != "accepted" {
					s.Errorf("%s: mail is %q, want accepted", name, got)
				}
			}
		}
	})
}

func count(db testkit.Database, t *testing.T, mail string) string {
	return db.Text(t, `SELECT count(*) FROM password_resets WHERE mail = '`+mail+`'`)
}

func (s *server) read(name string) string {
	text, err := os.ReadFile(filepath.Join(s.Dir, name))
	s.must(err)
	return string(text)
}

// seen returns the number of handled messages.
func (s *server) seen(name string) int {
	files, err := filepath.Glob(filepath.Join(s.Dir, "mail", name, "cur", "*"))
	s.must(err)
	return len(files)
}

func (s *server) within(most time.Duration, what string, done func() bool) {
	s.Helper()
	for start := time.Now(); !done(); time.Sleep(300 * time.Millisecond) {
		if time.Since(start) > most+time.Minute {
			s.Fatalf("timeout: %s\n%s", what, s.Log())
		}
	}
}
