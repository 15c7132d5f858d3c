package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// did returns who did what about whom on the activity page, newest first.
func did(p page) (all []string) {
	for _, tr := range p.Find(".rows tbody tr").EachIter() {
		cell := func(n string) string { return strings.Join(strings.Fields(tr.Find("td:nth-child("+n+")").Text()), " ") }
		all = append(all, strings.TrimSpace(strings.Fields(cell("2"))[0]+": "+cell("3")+" "+cell("4")))
	}
	return all
}

func TestActivityFilters(t *testing.T) {
	eachSite(t, func(s *site) {
		r := s.row(func(r *reset.Reset) { r.UserID = "customer 7" })
		ada, vera := s.member("ada", staff.Admin), s.member("vera", staff.Viewer)
		s.clock.Add(48 * time.Hour)
		vera.Get("/support/resets/" + r.ID.String()).Is(http.StatusOK)
		vera.Post("/support/resets/"+r.ID.String()+"/revoke", "revoke_reason", "x").Is(http.StatusForbidden)
		vera.Get("/support/overview").Is(http.StatusOK)
		look, try, total := "vera: read a reset "+r.ID.String(), "vera: ended a link "+r.ID.String(), "vera: read the overview 2031-05-02 to 2031-05-08"
		for query, want := range map[string][]string{
			"who=vera&within=1":                          {total, try, look},
			"who=VERA&what=looks":                        {total, look},
			"who=vera&what=view_reset":                   {look},
			"what=refused":                               {try},
			"who=vera&what=sign_ins":                     {"vera: signed in"},
			"who=vera&within=1&what=sign_ins":            {},
			"what=members":                               {"operator: added a member vera as viewer", "operator: added a member ada as admin"},
			"who=operator&whom=vera":                     {"operator: added a member vera as viewer"},
			"who=vera&since=2031-05-08":                  {total, try, look},
			"who=vera&until=2031-05-07":                  {"vera: signed in"},
			"who=vera&since=2031-05-06&until=2031-05-06": {"vera: signed in"},
			"who=vera&since=2031-05-08&until=2031-05-06": {total, try, look}, // the second day is refused, and ignored
			"who=vera&what=nonsense&within=9":            {total, try, look, "vera: signed in"},
			"who=nobody":                                 {},
			"whom=nobody@example.org":                    {},
		} {
			if got := did(ada.Get("/support/audit?" + query).Is(http.StatusOK)); !slices.Equal(got, want) {
				s.Errorf("%s:\ngot  %q\nwant %q", query, got, want)
			}
		}
		for query, field := range map[string]string{"what=x": "what", "within=9": "within", "since=x": "since", "until=x": "until", "since=2031-05-08&until=2031-05-06": "until"} {
			ada.Get("/support/audit?"+query).Has(`[role="alert"] a[href="#`+field+`"]`, 1).Has("#"+field+`[aria-invalid="true"]`, 1)
			ada.Get("/support/audit.csv?" + query).Is(http.StatusBadRequest)
		}
		for _, bad := range []string{"who=%ff", "whom=a%00", "who=%zz"} {
			ada.Get("/support/audit?" + bad).Is(http.StatusBadRequest)
		}
		p := ada.Get("/support/audit?who=vera&what=looks&within=7").Has(`#who option[selected]`, 1).Shows(`#who option[selected]`, "vera").Shows(`#what option[selected]`, "any of: looked").Shows(`#within option[selected]`, "the last 7 days")
		// The search itself is on record, in words, and leads back.
		ada.Get("/support/audit?who=ada&what=view_audit").Shows(".rows tbody tr:nth-child(2) .about", "vera, looked, the last 7 days").Has(`.about a[href="/support/audit?what=looks&who=vera&within=7"]`, 1)
		if p.Field("whom") != "" {
			s.Errorf("the field contains %q", p.Field("whom"))
		}
	})
}

// Days are those of the reader, and a colleague elsewhere gets the same entries by the
// same URL.
func TestActivityDaysAreOfTheReader(t *testing.T) {
	eachSite(t, func(s *site) {
		ada := s.member("ada", staff.Admin) // at 07:08:09 UTC on 6 May, which is the evening of that day in Auckland
		s.clock.Add(6 * time.Hour)          // 01:08 on 7 May in Auckland
		ada.Get("/support/overview").Is(http.StatusOK)
		overview := func(p page) int { return len(did(p.Is(http.StatusOK))) }
		query := "/support/audit?who=ada&what=view_overview&since=2031-05-07&until=2031-05-07"
		if n := overview(ada.Get(query)); n != 0 {
			s.Errorf("in UTC there are %d entries, want 0", n)
		}
		if n := overview(ada.Get(query + "&zone=Pacific%2FAuckland")); n != 1 {
			s.Errorf("in Auckland there are %d entries, want 1", n)
		}
		ada.Get(query+"&zone=Pacific%2FAuckland").Shows(".zone", "Pacific/Auckland").Has(`.exports a[href*="zone=Pacific%2FAuckland"]`, 2)
		for _, zone := range []string{"Local", "nowhere", "../../etc/passwd", ""} {
			ada.Get(query+"&zone="+url.QueryEscape(zone)).Is(http.StatusOK).Shows(".zone", "UTC")
		}
		if n := overview(ada.With("Cookie", "resetd_zone=Pacific/Auckland").Get(query)); n != 1 {
			s.Errorf("with the browser's zone there are %d entries, want 1", n)
		}
	})
}

// Whoever opened a person, one of their resets, or searched for them must be found by
// the link on the page of the person, and nobody else.
func TestWhoLookedAtAPerson(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.user("other@example.org")
		s.ask("user@example.org")
		s.ask("other@example.org")
		var mine, others string
		for _, r := range s.resets() {
			if r.UserID == u.ID {
				mine = r.ID.String()
			} else {
				others = r.ID.String()
			}
		}
		former := s.row(func(r *reset.Reset) { r.UserID, r.Email = u.ID, "former@example.com" }).ID.String()
		ada, vera, sandra := s.member("ada", staff.Admin), s.member("vera", staff.Viewer), s.member("sandra", staff.Sender)
		for _, path := range []string{
			"/resets/" + mine, "/resets/" + former, "/accounts/" + u.ID, "?q=user%40example.org&only=resets", "/resets.csv?q=" + u.ID,
			"/resets/" + others, "?q=other%40example.org&only=resets", "/overview",
		} {
			vera.Get("/support" + path).Is(http.StatusOK)
		}
		sandra.Get("/support/accounts/" + u.ID).Is(http.StatusOK)
		want := []string{
			"sandra: looked for a person " + u.ID, "vera: exported " + u.ID, "vera: searched user@example.org", "vera: read an account " + u.ID,
			"vera: read a reset " + former, "vera: read a reset " + mine,
		}
		path := ada.Get("/support/accounts/"+u.ID).Find(`main a[href^="/support/audit"]`).AttrOr("href", "")
		want = append([]string{"ada: read an account " + u.ID}, want...)
		for _, path := range []string{path, "/support/audit?what=looks&whom=user%40example.org", "/support/audit?what=looks&whom=former%40example.com"} {
			if got := did(ada.Get(path).Is(http.StatusOK)); !slices.Equal(got, want) {
				s.Errorf("%s:\ngot  %s\nwant %s", path, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		if got := did(ada.Get("/support/audit?whom=" + strings.ToUpper(mine))); !slices.Equal(got, []string{"vera: read a reset " + mine}) {
			s.Errorf("of the reset: %q", got)
		}
		vera.Get("/support/accounts/"+u.ID).Has(`a[href^="/support/audit"]`, 0)
		vera.Get(path).Is(http.StatusForbidden)
	})
}

// An export must contain exactly what the pages with the same choices show.
func TestActivityExport(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, vera := s.member("ada", staff.Admin), s.member("vera", staff.Viewer)
		for range 30 {
			vera.Get("/support/overview").Is(http.StatusOK)
		}
		vera.Get("/support?q=" + url.QueryEscape("=1+1")).Is(http.StatusOK)
		p := ada.Get("/support/audit?who=vera&what=looks")
		var shown []string
		for next := p; ; {
			for _, e := range did(next) {
				shown = append(shown, e[strings.LastIndex(e, " ")+1:])
			}
			older := next.Find(`a[rel="next"]`).AttrOr("href", "")
			if older == "" {
				break
			}
			next = ada.Get(older).Is(http.StatusOK).Has(`.pager a[href="/support/audit?what=looks&who=vera"]`, 1)
		}
		links := p.Find(".exports a")
		csvFile := ada.Get(links.Eq(0).AttrOr("href", "")).Is(http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(csvFile.Body)).ReadAll()
		s.must(err)
		if len(shown) != 31 || len(rows) != 32 || strings.Join(rows[0], " ") != "id at member role action target refused reason caller ip agent" {
			s.Fatalf("%d entries on the pages, %d lines, %q; want 31 and 32", len(shown), len(rows), rows[0])
		}
		for i, row := range rows[1:] {
			if row[2] != "vera" || row[3] != "viewer" || row[9] != "127.0.0.1" || i > 0 && row[4] != "view_overview" {
				s.Errorf("line %d: %q", i, row)
			}
		}
		if target := rows[1][5]; target != "/support?q=%3D1%2B1" || rows[1][1] != "2031-05-06T07:08:09.123456Z" {
			s.Errorf("the newest line: %q", rows[1])
		}
		lines := strings.Split(strings.TrimSpace(ada.Get(links.Eq(1).AttrOr("href", "")).Is(http.StatusOK).Body), "\n")
		var newest map[string]any
		s.must(json.Unmarshal([]byte(lines[0]), &newest))
		if len(lines) != 31 || newest["action"] != "search" || newest["refused"] != nil || len(newest) != 11 {
			s.Errorf("%d lines, the first is %q; want 31", len(lines), lines[0])
		}
		if kind, name := csvFile.Header.Get("Content-Type"), csvFile.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || !strings.Contains(name, "staff-activity.csv") {
			s.Errorf("got %q, %q", kind, name)
		}
		for _, path := range []string{"/support/audit.csv", "/support/audit.json"} {
			vera.Get(path).Is(http.StatusForbidden)
		}
		s.stored(`SELECT count(*) FROM reset_audit WHERE member = 'ada' AND action = 'export_audit' AND target = 'what=looks&who=vera'`, "2")
	})
}

func TestAuditHasPages(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("ada", staff.Admin)
		for i := range 60 {
			b.Get(fmt.Sprintf("/support?q=%d", i)).Is(http.StatusOK)
		}
		p := b.Get("/support/audit").Is(http.StatusOK).Has(".rows tbody tr", 25)
		p.Shows(".rows tbody tr:first-child", "ada admin", "read the staff activity", "127.0.0.1").Shows(".rows tbody tr:nth-child(2)", "searched", "59").Has(`.rows tr:nth-child(2) .about a[href="/support?q=59"]`, 1)
		var all []string
		for next := p.Find(`a[rel="next"]`).AttrOr("href", ""); next != ""; {
			p := b.Get(next).Is(http.StatusOK)
			all = append(all, cells(p, ".rows tbody tr")...)
			next = p.Find(`a[rel="next"]`).AttrOr("href", "")
		}
		// The member was added, signed in, searched 60 times and read this several times, of which all but one are newer.
		if len(all) != 63-25 || !strings.Contains(all[0], "searched 35") || !strings.Contains(all[len(all)-1], "operator") {
			s.Errorf("%d further entries from %q to %q", len(all), all[0], all[len(all)-1])
		}
		for _, bad := range []string{"x", "-1", "0", "99999999999999999999.1", "1.5x", "5.", "5.-1", "9223372036854775807.1"} {
			b.Get("/support/audit?before="+bad).Is(http.StatusOK).Has(".rows tbody tr", 25)
		}
		b.Get("/support/audit?before=1.1").Is(http.StatusOK).Has(".rows tbody tr", 0)
	})
}

// The audit must describe each search and link to it.
func TestAuditShowsSearchesInWords(t *testing.T) {
	eachSite(t, func(s *site) {
		r := s.row(func(r *reset.Reset) { r.UserID = "customer/7" })
		page := "/support/resets/" + r.ID.String()
		b := s.member("vera", staff.Viewer)
		b.staffLogin("vera", "wrong", "").Is(http.StatusUnprocessableEntity)
		b.Post(page+"/revoke", "revoke_reason", "x").Is(http.StatusForbidden)
		b.Get("/support/accounts/customer/7").Is(http.StatusOK)
		b.Get("/support?q=50%25&status=no_account&since=2031-05-06&until=lost").Is(http.StatusOK)
		b.Get("/support/resets.csv?status=lost").Is(http.StatusBadRequest)
		b.Get("/support").Is(http.StatusOK)
		b.Get("/support?q=x" + strings.Repeat("%C3%A4", 1000)).Is(http.StatusUnprocessableEntity) // stored up to the middle of a letter
		b.Get("/support?q=nobody%2").Is(http.StatusUnprocessableEntity)
		s.member("ada", staff.Admin)
		p := s.browser()
		p.staffLogin("ada", oldPassword, "").Is(http.StatusSeeOther)
		var got []string
		audit := p.Get("/support/audit").Is(http.StatusOK)
		for _, tr := range audit.Find(".rows tbody tr").EachIter() {
			about := tr.Find(".about")
			got = append(got, strings.TrimSpace(tr.Find("td:nth-child(3)").Text()+" | "+about.Text()+" | "+about.Find("a").AttrOr("href", "")+" | "+strings.TrimSpace(tr.Find("td:nth-child(5)").Text())))
		}
		for _, want := range []string{
			"signed in |  |  | refused wrong password",
			"ended a link | " + r.ID.String() + " | " + page + " | refused the role does not allow it",
			"read an account | customer/7 | /support/accounts/customer%2F7 |",
			"searched | 50%, withheld: no account, from 2031-05-06, to lost | /support?q=50%25&since=2031-05-06&status=no_account&until=lost |",
			"exported | lost | /support?status=lost |",
			"searched | everything | /support |",
			"searched | /support?q=nobody%2 |  |",
		} {
			if !slices.Contains(got, want) {
				s.Errorf("%q is missing in:\n%s", want, strings.Join(got, "\n"))
			}
		}
		if n := strings.Count(strings.Join(got, "\n"), "everything"); n != 1 {
			s.Errorf("%d searches are described as for everything, want one:\n%s", n, strings.Join(got, "\n"))
		}
	})
}
