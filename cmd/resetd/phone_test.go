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
	s.browser().With("User-Agent", agent).With("Accept-Language", "en").With("Sec-Fetch-Mode", "navigate").Get(link).Is(http.StatusSeeOther)
}

func TestPhonesNamedLikeRobotsArePeople(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		agent := s.member("agent", staff.Viewer)
		for _, phone := range []string{"M bot 60", "CUBOT NOTE 50", "ForwardRuby"} {
			link := s.ask("user@example.org")
			s.clock.Add(time.Minute)
			s.opens(link, "Mozilla/5.0 (Linux; Android 10; "+phone+") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36")
			s.newestPage(agent).Says("The link was opened once by a person")
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
		s.newestPage(agent).Says("It may have been a person").Lacks("and by nothing else")
		s.clock.Add(time.Minute)
		s.opens(link, "Mozilla/5.0 (compatible; Examplebot/2.0)")
		s.newestPage(agent).Says("A person may be among them").Says("but sends the headers of a browser").Lacks("and by nothing else")
		second := s.ask("user@example.org")
		s.clock.Add(time.Minute)
		s.browser().With("User-Agent", "Mozilla/5.0 (compatible; Examplebot/2.0)").Get(second)
		s.newestPage(agent).Says("and by nothing else")
	})
}

// A person's open at once after many by a scanner has a row of its own, although not each
// of many equal opens has one.
func TestQuickPersonBehindAScannerIsRecorded(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		for range 9 {
			s.browser().With("User-Agent", "python-requests/2.0").Get(link).Is(http.StatusSeeOther)
		}
		s.opens(link, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
		s.newestPage(s.member("vera", staff.Viewer)).Says("A person may be among them").Lacks("and by nothing else")
	})
}
