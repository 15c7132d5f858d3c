//go:build integrations

package integrations

import (
	"crypto/rand"
	"encoding/base64"
	"maps"
	"strings"

	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/smtpsink"
)

// secretKey is the key of resetd and of the applications.
var secretKey = func() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}()

// resetd is the built program with an email server, on an application's database.
type resetd struct {
	*application
	url     string
	sink    *smtpsink.Sink
	program *instance.Instance
}

func newResetd(a *application) *resetd {
	a.Helper()
	addr, err := loopback.FreeAddr(a.Context())
	a.must(err)
	return &resetd{application: a, url: "http://" + addr, sink: smtpsink.Start(a, smtpsink.Options{SMTPUTF8: true})}
}

// start serves until the test ends. It also runs resetd check to try the statements.
func (r *resetd) start() {
	r.Helper()
	env := map[string]string{
		"RESETD_ADDR": strings.TrimPrefix(r.url, "http://"), "RESETD_DATABASE_URL": r.own.URL, "RESETD_SECRET_KEY": secretKey,
		"RESETD_MAIL_URL": r.sink.URL(), "RESETD_MAIL_FROM": "accounts@example.org", "RESETD_LIMIT_ADDRESS": "0",
		"RESETD_ACCOUNTS": r.preset, "RESETD_LOGIN_URL": r.application.url + r.firstLogin(), "RESETD_ACCOUNTS_DATABASE_URL": r.accountsURL,
	}
	maps.Copy(env, r.settings)
	var err error
	r.program, err = instance.Start(r.Context(), binary, env, "serve")
	r.must(err)
	r.Cleanup(func() { r.program.Stop() })
	env["RESETD_ADDR"] = "127.0.0.1:0"
	out, _ := instance.Command(r.Context(), binary, env, "check").CombinedOutput() // a server for tests may have other faults
	if !strings.Contains(string(out), "ok     accounts: find, get, set_password") || strings.Contains(string(out), "WRONG  accounts:") {
		r.Errorf("resetd check:\n%s", out)
	}
}

func (r *resetd) log() string {
	if r.program == nil {
		return ""
	}
	return r.program.Log()
}

// ask requests a reset for an address and returns the links by their account's id.
func (r *resetd) ask(b *browser, address string) map[string]string {
	r.Helper()
	before := len(r.mails())
	at(b.Get(r.url+"/password-reset").Submit("email", address), "/password-reset/done")
	return r.links(b, before)
}

// links opens the links of all emails after the first ones. Opening does not use them.
func (r *resetd) links(b *browser, before int) map[string]string {
	r.Helper()
	links := map[string]string{}
	for _, m := range r.mails()[before:] {
		link := r.find("confirm", m)
		reset := at(b.Get(link), "/password-reset/confirm").Field("reset")
		id := r.own.Text(r.T, `SELECT user_id FROM password_resets WHERE id = '`+reset+`'`)
		if stored := r.address(id); len(m.To) != 1 || m.To[0] != stored {
			r.Errorf("the email for account %s went to %q, want %s", id, m.To, stored)
		}
		links[id] = link
	}
	return links
}

// emails returns all emails so far. First it waits until the queue is empty.
func (r *resetd) mails() []smtpsink.Message {
	r.Helper()
	const queue = `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`
	r.eventually("the queue is empty", func() bool { return r.own.Text(r.T, queue) == "0" })
	mails := r.sink.Messages()
	return mails
}

// find returns the link to a page in an email.
func (r *resetd) find(page string, m smtpsink.Message) string {
	r.Helper()
	link := m.Link("/password-reset/" + page + "/")
	if !strings.HasPrefix(link, r.url+"/") {
		r.Fatalf("the email has no link:\n%s", m.Text(r))
	}
	return link
}
