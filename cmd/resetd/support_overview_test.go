package main

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// cells returns the texts of a page's cells, row by row.
func cells(p page, selector string) (rows []string) {
	for _, tr := range p.Find(selector).EachIter() {
		rows = append(rows, joined(tr.Find("th, td")))
	}
	return rows
}

// joined returns the texts of elements, separated by spaces.
func joined(found *goquery.Selection) string {
	return strings.Join(found.Map(func(_ int, one *goquery.Selection) string { return strings.TrimSpace(one.Text()) }), " ")
}

// week adds resets on several days, including days before the last seven.
func (s *site) week() {
	s.Helper()
	now := s.clock.Now()
	ago := func(days int, change func(*reset.Reset)) reset.Reset {
		return s.row(func(r *reset.Reset) {
			r.CreatedAt = now.AddDate(0, 0, -days)
			r.ExpiresAt = r.CreatedAt.Add(time.Hour)
			change(r)
		})
	}
	used := func(after time.Duration) func(*reset.Reset) {
		return func(r *reset.Reset) {
			r.OpenedAt, r.OpenedByIP, r.UsedAt, r.UsedByIP = r.CreatedAt.Add(after/2), r.CreatedByIP, r.CreatedAt.Add(after), r.CreatedByIP
		}
	}
	for _, after := range []time.Duration{2 * time.Minute, 4 * time.Minute, 30 * time.Minute} {
		s.settle(ago(1, used(after)), "sent_at")
	}
	s.settle(ago(0, func(r *reset.Reset) { r.OpenedAt, r.OpenedByIP = r.CreatedAt, r.CreatedByIP }), "sent_at")
	s.settle(ago(0, func(r *reset.Reset) {
		r.Email = "full@example.com"
		r.CreatedByIP = netip.MustParseAddr("198.51.100.7")
	}), "failed_at")
	ago(6, func(r *reset.Reset) { r.Withheld = reset.WithheldNoAccount })
	ago(6, func(r *reset.Reset) { r.Withheld = reset.WithheldThrottled })
	ago(6, func(r *reset.Reset) { r.Withheld = reset.WithheldThrottled })
	s.settle(ago(7, used(50*time.Minute)), "sent_at")
}

// settle settles the delivery of a reset.
func (s *site) settle(r reset.Reset, how string) {
	s.db.SQL(s.T, `UPDATE reset_deliveries SET `+how+` = created_at WHERE reset_id = '`+r.ID.String()+`'`,
		`UPDATE password_resets SET mail = '`+map[string]string{"sent_at": "accepted", "failed_at": "failed"}[how]+`' WHERE id = '`+r.ID.String()+`'`)
}

// sumUp computes the sums as the nightly work does.
func (s *site) sumUp() {
	s.Helper()
	s.must(sumHours(s.Context(), s.app.store, s.clock.Now(), true))
}

func TestOverviewCountsEveryRow(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		b.Get("/support/overview").Is(http.StatusOK).Shows(".figures", "within–").Shows(".lists", "None.")
		s.week()
		s.sumUp()
		p := b.Get("/support/overview").Is(http.StatusOK)
		if got := joined(p.Find(".figures dd")); got != "8 +700 % (before: 1) 4 +300 % (before: 1) 4 +300 % (before: 1) 3 +200 % (before: 1) 3 none before 5 minutes before: 1 hour 30 minutes before: 1 hour" {
			s.Errorf("figures: got %q", got)
		}
		wantFunnel := []string{"Asked 8 100 %", "Email sent 5 63 %", "Email accepted 4 50 %", "Opened 4 50 %", "Used 3 38 %"}
		if got := cells(p, ".funnel tbody tr"); !slices.Equal(got, wantFunnel) {
			s.Errorf("funnel: got %q, want %q", got, wantFunnel)
		}
		// Each figure links to its list; a time to that of the used links.
		for _, a := range p.Find(".figures a, .funnel a, .numbers td a").EachIter() {
			path, want := a.AttrOr("href", ""), a.Text()
			if strings.Contains(want, "minutes") {
				want = "3"
			}
			if got := strconv.Itoa(len(listed(b.Get(path).Is(http.StatusOK)))); got != want {
				s.Errorf("%s lists %s resets, the figure is %s", path, got, a.Text())
			}
		}
		p.Shows("#reasons + .hint", "Requests: 8. New passwords: 3; failed: 3; still open: 2.").Shows("main", "Today is included")
		wantReasons := []string{
			"no account 1 13 % none before", "inactive 0 0 %", "asked too often 2 25 % none before", "no password 0 0 %", "never looked up 0 0 %",
			"link ended before it was used 0 0 %", "link expired before it was used 0 0 %", "Failed 3 38 % none before", "still open 2 25 % none before",
			"What else is known of the links, also of those above", "opened by a person, and not used 1 13 % none before", "email failed 1 13 % none before", "email came back 0 0 %", "email not confirmed 0 0 %",
		}
		for i, row := range cells(p, ".reasons tbody tr") {
			if got := strings.TrimSpace(row); got != wantReasons[i] {
				s.Errorf("reasons: got %q, want %q", got, wantReasons[i])
			}
		}
		b.barsLead("/support/overview", 11)
		b.barsLead("/support/overview?days=yesterday&zone=America/New_York", 6)
		// So do the lists.
		for _, li := range p.Find(".lists li").EachIter() {
			for _, a := range li.Find("a").EachIter() {
				want := a.Text()
				if number := li.Find("a + .soft"); number.Length() > 0 {
					want = number.Text()
				}
				path := a.AttrOr("href", "")
				if got := strconv.Itoa(len(listed(b.Get(path).Is(http.StatusOK)))); got != want {
					s.Errorf("%s lists %s resets, the number is %s", path, got, want)
				}
			}
		}
		p.Has(".lists a", 6)
		b.Get("/support/overview?days=90").Has(`.lists a[href*="since=2031-04-07"][href*="until=2031-05-06"]`, 6) // the last 30 days
		want := []string{
			"2031-04-30 3", "2031-05-01 0", "2031-05-02 0", "2031-05-03 0", "2031-05-04 0", "2031-05-05 3", "2031-05-06 2",
		}
		if got := cells(p, ".charts figure:first-child tbody tr"); !slices.Equal(got, want) {
			s.Errorf("by day: got %q, want %q", got, want)
		}
		p.Has("svg.chart", 5).Has(".charts figure:first-child rect", 3).Shows(".charts figure:first-child", "resets per day, 8 in all", "2031-05-06: 2")
		if got := joined(p.Find(".charts figure").First().Find(".plot span")); got != "5 0 2031-04-30 2031-05-03 2031-05-06" {
			s.Errorf("axes: %q", got)
		}
		p.Shows(".lists", "Mail servers that refuse, return or delay emails with a reset link", "example.com", "refused 1, came back 0, slow 0", "203.0.113.0/24 7", "198.51.100.0/24 1")
		for path, days := range map[string]int{
			"?days=30": 30, "?days=90": 90, "?days=yesterday": 24, "?days=today": 24, "?days=5000": 7, "?since=2031-05-01&until=2031-05-03": 3,
		} {
			b.Get("/support/overview"+path).Is(http.StatusOK).Has(".charts figure:first-child tbody tr", days)
		}
		b.Get("/support/overview?days=yesterday").Shows(".figures", "Asked3").Lacks("Today is included")
		b.Get("/support/overview?since=2031-05-07&until=2031-05-12").Is(http.StatusOK).Lacks("Today is included")
		b.Get("/support/overview?since=2031-05-06&until=2031-05-12").Is(http.StatusOK).Shows("main", "Today is included")
		s.clock.Add(2 * time.Hour)
		b = s.member("vea", staff.Viewer)
		p = b.Get("/support/overview").Is(http.StatusOK).Shows("#reasons + .hint", "Requests: 8. New passwords: 3; failed: 5; still open: 0.")
		expired := p.Find(`.reasons a[href*="status=expired"]`)
		if got := len(listed(b.Get(expired.AttrOr("href", "")).Is(http.StatusOK))); expired.Text() != "2" || got != 2 {
			s.Errorf("%s links expired unused, and %d are listed; want 2", expired.Text(), got)
		}
	})
}

// barsLead tests that each bar of a page's charts leads to a list of as many resets.
func (b *browser) barsLead(path string, want int) page {
	b.Helper()
	p := b.Get(path).Is(http.StatusOK)
	bars := p.Find("svg.chart a")
	if bars.Length() != want {
		p.Errorf("%d bars are links, want %d", bars.Length(), want)
	}
	for _, a := range bars.EachIter() {
		_, number, _ := strings.Cut(strings.TrimSpace(a.Text()), ": ")
		path := a.AttrOr("href", "")
		list := b.Get(path).Is(http.StatusOK)
		if got := strconv.Itoa(len(listed(list))); got != number || list.Find("#status option[selected]").Length() == 0 && strings.Contains(path, "status=") {
			p.Errorf("%s lists %s resets, the bar is %s", path, got, a.Text())
		}
	}
	return p
}

// When the clocks go back, one of two hours has the name of the other and is no link.
func TestBarsOfHoursLeadToTheirResets(t *testing.T) {
	eachSite(t, func(s *site) {
		s.clock.Add(time.Date(2031, 10, 26, 12, 0, 0, 0, time.UTC).Sub(s.clock.Now()))
		b := s.member("vera", staff.Viewer)
		for _, at := range []string{"00:30", "01:30", "02:00", "02:59"} { // UTC: 2:30 of summer, 2:30, 3:00 and 3:59 in Berlin
			s.row(func(r *reset.Reset) {
				r.CreatedAt, _ = time.Parse("2006-01-02 15:04", "2031-10-26 "+at)
				r.ExpiresAt = r.CreatedAt.Add(time.Hour)
			})
		}
		p := b.barsLead("/support/overview?days=today&zone=Europe/Berlin", 2)
		list := b.Get(p.Find("svg.chart a").Last().AttrOr("href", "")).Is(http.StatusOK).Has("input[type=datetime-local]", 2)
		if since, until := list.Field("since"), list.Field("until"); since != "2031-10-26T03:00" || until != "2031-10-26T04:00" || len(listed(list)) != 2 {
			s.Errorf("the list is from %s to %s with %d resets", since, until, len(listed(list)))
		}
		b.Get("/support?since=2031-10-26T03:00&until=2031-10-26T03:00").Is(http.StatusOK).Has("#until-problem", 1)
	})
}

// Days are those of the reader, and of the colleague who sent the address of the page.
func TestOverviewHasTheReadersDays(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		s.row(func(r *reset.Reset) { // the evening of the 5th in New York
			r.CreatedAt = time.Date(2031, 5, 6, 2, 30, 0, 0, time.UTC)
			r.ExpiresAt = r.CreatedAt.Add(time.Hour)
		})
		for path, want := range map[string]string{
			"?since=2031-05-05&until=2031-05-05&zone=America/New_York": "1", "?since=2031-05-05&until=2031-05-05": "0", "?since=2031-05-06&until=2031-05-06&zone=UTC": "1",
		} {
			p := b.Get("/support/overview" + path).Is(http.StatusOK)
			list := p.Find(".figures a").First()
			if list.Text() != want || strconv.Itoa(len(listed(b.Get(list.AttrOr("href", "")).Is(http.StatusOK)))) != want {
				s.Errorf("%s: counted %s, want %s", path, list.Text(), want)
			}
		}
		for path, field := range map[string]string{
			"?since=lost": "since", "?until=2031-13-01": "until", "?since=2031-05-06&until=2031-05-05": "until", "?since=2029-05-06&until=2031-05-05": "since",
		} {
			p := b.Get("/support/overview"+path).Is(http.StatusOK).Has("#"+field+"-problem", 1).Shows("h1", "2031-04-30 to 2031-05-06")
			if typed, list := p.Field(field), p.Find(".figures a").AttrOr("href", ""); !strings.Contains(path, field+"="+typed) || !strings.Contains(list, "since=2031-04-30&until=2031-05-06") {
				s.Errorf("%s: the form has %q, and the figures lead to %s", path, typed, list)
			}
		}
	})
}

func TestOverviewFlagsSkippedChecks(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		ada := s.member("ada", staff.Admin)
		ada.Get("/support/overview").Is(http.StatusOK).Shows("main", "No link was sent to a caller who should have been verified")
		ada.act(a.ID, "send_link_to", "no tick").Is(http.StatusUnprocessableEntity)
		s.db.SQL(s.T, `UPDATE users SET active = false`)
		for _, reason := range []string{"it fails", ""} {
			ada.Post("/support/accounts/"+a.ID, "action", "send_link_to", "reason", reason, "unverified", "yes").Is(http.StatusUnprocessableEntity)
		}
		ada.Get("/support/overview").Is(http.StatusOK).Has("main .bad", 0).Shows("main", "No link was sent to a caller who should have been verified")
		s.db.SQL(s.T, `UPDATE users SET active = true`)
		ada.Post("/support/accounts/"+a.ID, "action", "send_link_to", "reason", "no email at hand", "unverified", "yes").Is(http.StatusSeeOther)
		p := ada.Get("/support/overview").Is(http.StatusOK).Shows("main .bad", "1")
		href := p.Find(`a[href*="what=unverified"]`).AttrOr("href", "")
		ada.Get(href).Is(http.StatusOK).Shows(".rows", "no email at hand")
	}, deskCheck("require"))
}

// The lists are counted when the figures are on their way to the browser.
func TestOverviewWithoutItsLists(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		s.week()
		s.db.SQL(t, `ALTER TABLE reset_deliveries RENAME TO away`)
		b.Get("/support/overview").Is(http.StatusOK).Says("The networks and mail servers can't be counted now.").Has(".figures", 1).Has(".lists", 0)
		s.db.SQL(t, `ALTER TABLE away RENAME TO reset_deliveries`)
		b.Get("/support/overview").Is(http.StatusOK).Shows(".lists", "203.0.113.0/24")
	})
}
