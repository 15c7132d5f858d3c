package threats

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"

	"resetd/internal/testkit/smtpsink"
)

const queueLength = `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`

// mails returns all mails so far. First it waits until the queue is empty.
func (s *service) mails() []smtpsink.Message {
	s.Helper()
	s.eventually("the queue is empty", func() bool { return s.db.Text(s.T, queueLength) == "0" })
	return s.sink.Messages()
}

// wantMails checks the number of mails, and that each has exactly one of these
// recipients.
func (s *service) wantMails(n int, to ...string) []smtpsink.Message {
	s.Helper()
	mails := s.mails()
	if len(mails) != n {
		s.Fatalf("got %d mails, want %d", len(mails), n)
	}
	for _, m := range mails {
		if len(m.To) != 1 || !strings.Contains(" "+strings.Join(to, " ")+" ", " "+m.To[0]+" ") {
			s.Errorf("a mail went to %q, want one of %q", m.To, to)
		}
	}
	return mails
}

// ask requests a link and returns the link from the mail.
func (s *service) ask(email string) string {
	s.Helper()
	before := len(s.mails())
	s.browser().request(email).is(http.StatusSeeOther)
	mails := s.mails()
	if len(mails) != before+1 {
		s.Fatalf("%d mails came, want 1\n%s", len(mails)-before, s.program.Log())
	}
	return s.linkIn(mails[before])
}

// linkIn returns the path of the reset link in a mail, notMeIn that of its "this
// wasn't me" link.
func (s *service) linkIn(m smtpsink.Message) string  { s.Helper(); return s.find("confirm", m) }
func (s *service) notMeIn(m smtpsink.Message) string { s.Helper(); return s.find("not-me", m) }

func (s *service) find(page string, m smtpsink.Message) string {
	s.Helper()
	link := regexp.MustCompile(`https?://\S+/password-reset/` + page + `/\S+`).FindString(s.part(m, 0))
	if !strings.HasPrefix(link, s.program.URL+"/") {
		s.Fatalf("the mail has no link of this site:\n%s", s.part(m, 0))
	}
	return strings.TrimPrefix(link, s.program.URL)
}

// deny ticks the box of a "this wasn't me" page and presses its button.
func (b *browser) deny(notMe string) page { b.Helper(); return b.post(notMe, "sure", "yes") }

// token returns the secret at the end of a link.
func token(link string) string { return link[strings.LastIndex(link, "/")+1:] }

// part returns the text (0) or the HTML (1) of a mail.
func (s *service) part(m smtpsink.Message, n int) string {
	s.Helper()
	parts := s.parse(m).GetParts()
	if len(parts) != 2 {
		s.Fatalf("the mail has %d parts, want 2", len(parts))
	}
	content, err := parts[n].GetContent()
	s.must(err)
	return string(content)
}

func (s *service) parse(m smtpsink.Message) *mail.Msg {
	s.Helper()
	msg, err := mail.EMLToMsgFromString(m.Data)
	if err != nil {
		s.Fatalf("the mail can't be parsed: %v\n%s", err, m.Data)
	}
	return msg
}
