package main

import (
	"net/http"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// A warning must be seen before a link is sent, also when much has happened since. A sender
// reads nothing of the record, and is told whom to ask.
func TestNotesAreShownAboveTheButtonThatSendsALink(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		arno, sven, vera := s.member("arno", staff.Agent), s.member("sven", staff.Sender), s.member("vera", staff.Viewer)
		person := "/support/accounts/" + u.ID
		for _, b := range []*browser{arno, sven, vera} {
			b.Get(person).Is(http.StatusOK).Has(".notes", 0)
		}
		const warning = "do not send a link, scam reported"
		arno.act(u.ID, "note", warning).Is(http.StatusSeeOther)
		arno.act(u.ID, "note", "").Is(http.StatusUnprocessableEntity) // recorded as refused, and not a note
		for range 30 {
			s.clock.Add(time.Minute)
			s.row(func(r *reset.Reset) { r.UserID = u.ID })
		}
		const signed = warning + " arno 2031-05-06 07:08:09 UTC 30 minutes ago"
		arno.Get(person).Is(http.StatusOK).Shows(".who h1 + .notes", signed).Shows(".act .notes + .buttons", "Send a new link").Lacks("Your role does not show it")
		vera.Get(person).Is(http.StatusOK).Shows(".who h1 + .notes", signed)
		arno.Get("/support/resets/"+s.resets()[0].ID.String()).Is(http.StatusOK).Shows("h1 + .notes", signed).Shows(".actions .notes + button", "Send a new link")
		p := sven.Get(person).Is(http.StatusOK).Lacks(warning)
		p.Shows(".act .notes", "arno left a note about this person", "30 minutes ago").Has(".act .notes + .buttons", 1)
		for _, text := range []string{"second", "third", "fourth"} {
			arno.act(u.ID, "note", text).Is(http.StatusSeeOther)
		}
		vera.Get(person).Is(http.StatusOK).Shows(".notes p:nth-of-type(1)", "fourth").Has(".notes p", 3)
	})
}
