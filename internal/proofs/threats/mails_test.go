package threats

import (
	"net/http"
	"strings"

	"resetd/internal/testkit/smtpsink"
)

const queueLength = `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`

// emails returns all emails so far. First it waits until the queue is empty.
func (s *service) mails() []smtpsink.Message {
	s.Helper()
	s.eventually("the queue is empty", func() bool { return s.db.Text(s.T, queueLength) == "0" })
	return s.sink.Messages()
}

// wantMails checks the number of emails, and that each has exactly one of these
// recipients.
func (s *service) wantMails(n int, to ...string) []smtpsink.Message {
	s.Helper()
	mails := s.mails()
	if len(mails) != n {
		s.Fatalf("got %d emails, want %d", len(mails), n)
	}
	for _, m := range mails {
		if len(m.To) != 1 || !strings.Contains(" "+strings.Join(to, " ")+" ", " "+m.To[0]+" ") {
			s.Errorf("an email went to %q, want one of %q", m.To, to)
		}
	}
	return mails
}

// ask requests a link and returns the link from the mail.
func (s *service) ask(email string) string {
	s.Helper()
	before := len(s.mails())
	s.browser().Request(email).Is(http.StatusSeeOther)
	mails := s.mails()
	if len(mails) != before+1 {
		s.Fatalf("%d emails came, want 1\n%s", len(mails)-before, s.program.Log())
	}
	return s.linkIn(mails[before])
}

// linkIn returns the path of the reset link in an email, notMeIn that of its "this
// wasn't me" link.
func (s *service) linkIn(m smtpsink.Message) string  { s.Helper(); return s.find("confirm", m) }
func (s *service) notMeIn(m smtpsink.Message) string { s.Helper(); return s.find("not-me", m) }

func (s *service) find(page string, m smtpsink.Message) string {
	s.Helper()
	link := m.Link("/password-reset/" + page + "/")
	if !strings.HasPrefix(link, s.program.URL+"/") {
		s.Fatalf("the email has no link of this site:\n%s", m.Text(s))
	}
	return strings.TrimPrefix(link, s.program.URL)
}

// token returns the secret at the end of a link.
func token(link string) string { return link[strings.LastIndex(link, "/")+1:] }
