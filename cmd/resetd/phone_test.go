package main

import (
	"net/http"
	"testing"
	"time"

	"resetd/internal/staff"
)

// opens follows a link with the headers of a browser and this User-Agent.
func (s *site) opens(link, agent string) {
	s.Helper()
	s.browser().with("User-Agent", agent).with("Accept-Language", "en").with("Sec-Fetch-Mode", "navigate").get(link).is(http.StatusSeeOther)
}

func TestPhonesNamedLikeRobotsArePeople(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		agent := s.member("agent", staff.Viewer)
		for _, phone := range []string{"M bot 60", "CUBOT NOTE 50", "ForwardRuby"} {
			link := s.ask("user@example.org")
			s.clock.Add(time.Minute)
			s.opens(link, "Mozilla/5.0 (Linux; Android 10; "+phone+") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36")
			s.newestPage(agent).says("The link was opened once by a person")
			if s.resets()[0].OpenedAt.IsZero() {
				s.Errorf("%s: the reset does not count as opened", phone)
			}
		}
	})
}

func TestBrowserThatCallsItselfAProgramIsNotCalledNoPerson(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		agent := s.member("agent", staff.Viewer)
		link := s.ask("user@example.org")
		s.opens(link, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36") // at once
		s.newestPage(agent).says("It may have been a person").never("and by nothing else")
		s.clock.Add(time.Minute)
		s.opens(link, "Mozilla/5.0 (compatible; Examplebot/2.0)")
		s.newestPage(agent).says("A person may be among them").says("but sends the headers of a browser").never("and by nothing else")
		second := s.ask("user@example.org")
		s.clock.Add(time.Minute)
		s.browser().with("User-Agent", "Mozilla/5.0 (compatible; Examplebot/2.0)").get(second)
		s.newestPage(agent).says("and by nothing else")
	})
}

func (p page) never(words string) page {
	p.Helper()
	if p.doc.Find(`body:contains("`+words+`")`).Length() > 0 {
		p.Errorf("%q is on the page:\n%s", words, p.body)
	}
	return p
}
