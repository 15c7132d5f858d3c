package main

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"resetd/internal/testkit/smtpsink"
)

// The clock of the machine is set while a link is open and an email waits for its second
// attempt. The link lives by the new time, and no email waits for the old time.
func TestClockIsSet(t *testing.T) {
	for _, by := range []time.Duration{20 * time.Minute, 2 * time.Hour, -2 * time.Hour} {
		t.Run(fmt.Sprint(by), func(t *testing.T) {
			eachSite(t, func(s *site) {
				for _, name := range []string{"before", "waits", "after"} {
					s.user(name + "@example.org")
				}
				link := s.ask("before@example.org")
				s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Recipient: "waits@example.org", Code: 451, Text: "later", Times: 1})
				s.browser().Request("waits@example.org").Is(http.StatusSeeOther)
				s.eventually("the first attempt", func() bool {
					return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE '%later%' AND next_attempt_at IS NOT NULL`) == "1"
				})
				s.clock.Add(by)
				want, emails := http.StatusSeeOther, 5 // four links and a notice
				if by > time.Hour {
					want, emails = http.StatusGone, 4 // the link that waits has expired
				}
				s.browser().Get(link).Is(want)
				s.ask("after@example.org") // when no email waits
				s.browser().Use(s.ask("before@example.org"), newPassword).Is(http.StatusSeeOther)
				s.sent(emails)
			})
		})
	}
}
