package mail

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"resetd/internal/reset"
	"resetd/internal/words"
)

// The prefixes of Reset.RequestedBy if the requester was not the visitor.
const (
	staffPrefix   = "staff:"
	programPrefix = "api:"
)

func bySupport(r reset.Reset) bool { return strings.HasPrefix(r.RequestedBy, staffPrefix) }
func byProgram(r reset.Reset) bool { return strings.HasPrefix(r.RequestedBy, programPrefix) }

// texts looks up texts in one language and keeps the first error.
type texts struct {
	words words.Words
	err   error
}

func (s *texts) text(id string, pairs ...any) string {
	text, err := s.words.T(id, pairs...)
	return s.keep(text, err)
}

func (s *texts) duration(d time.Duration) string {
	text, err := s.words.Duration(d)
	return s.keep(text, err)
}

// left returns how long a link still works, in whole minutes that have not passed before it
// ends. The few seconds until an email is sent do not count.
func (s *texts) left(d time.Duration) string {
	if d = (d + sendingTime).Truncate(time.Minute); d > 0 {
		return s.duration(d)
	}
	return s.text("mail_duration_short")
}

const sendingTime = 2 * time.Second

func (s *texts) browser(agent string) string {
	text, err := s.words.Browser(agent)
	return s.keep(text, err)
}

func (s *texts) keep(text string, err error) string {
	if s.err == nil {
		s.err = err
	}
	return text
}

func (s *texts) fact(id, value string) fact { return fact{s.text(id), value} }

func (s *texts) time(t time.Time) fact { return s.fact("mail_fact_time", s.moment(t)) }

// moment returns a time with its day and its zone, which is always UTC.
func (s *texts) moment(t time.Time) string {
	t = t.UTC()
	return s.text("mail_time_and_day", "Clock", t.Format("15:04"), "Day", t.Day(),
		"Month", s.text("mail_month_"+strconv.Itoa(int(t.Month()))), "Year", t.Year())
}

// until returns the time of the expiry, with the day unless it is the day of the
// request.
func (s *texts) until(created, expires time.Time) string {
	const day = "2006-01-02"
	if expires = expires.UTC(); expires.Format(day) != created.UTC().Format(day) {
		return s.moment(expires)
	}
	return s.text("mail_time", "Clock", expires.Format("15:04"))
}

// place returns the facts about an IP address and a browser, or nil if no browser was used.
// The unspecified address stands for one that the proxy did not pass on.
func (s *texts) place(ip netip.Addr, agent string) []fact {
	if !ip.IsValid() {
		return nil
	}
	text := ip.Unmap().WithZone("").String()
	if ip.IsUnspecified() {
		text = s.text("mail_ip_unknown")
	}
	return []fact{s.fact("mail_fact_ip", text), s.fact("mail_fact_browser", s.browser(agent))}
}
