package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

// listed returns the ids of the rows of a page.
func listed(p page) (ids []string) {
	for _, a := range p.Find(".rows tbody td:first-child a").EachIter() {
		ids = append(ids, strings.TrimPrefix(a.AttrOr("href", ""), "/support/resets/"))
	}
	return ids
}

func TestSearchShowsItsInterpretation(t *testing.T) {
	eachSite(t, func(s *site) {
		r := s.row(func(r *reset.Reset) {
			r.UserID, r.UsedByIP, r.UsedAt = "customer 7", testkit.Visitor.IP.Next(), r.CreatedAt
		})
		id := r.ID.String()
		b := s.member("vera", staff.Viewer)
		for text, said := range map[string]string{
			"user@example.org": "for the address user@example.org", " User@EXAMPLE.org": "for the address User@EXAMPLE.org", "ser@exam": "addresses that contain “ser@exam”",
			"customer 7": "of the account customer 7", id: "The reset " + id, strings.ToUpper(id): "The reset", id[:8]: "whose id begins with " + id[:8],
			"203.0.113.9": "or used from 203.0.113.9", "203.0.113.10": "or used from 203.0.113.10. Sign-ins, sign-ups and opens", "203.0.113.0/30": "", "203.0.113.0/28": "network 203.0.113.0/28. Sign-ins, sign-ups and opens", "": "",
		} {
			p := b.Get("/support?only=resets&q=" + url.QueryEscape(text)).Is(http.StatusOK)
			if said == "" {
				continue
			}
			p.Shows(".read", said)
			if got := listed(p); !slices.Equal(got, []string{id}) || p.Field("q") != strings.TrimSpace(text) {
				s.Errorf("%q finds %q, want the reset; the box contains %q", text, got, p.Field("q"))
			}
		}
	})
}

// An invalid search must show an error, and must not find other resets.
func TestInvalidSearch(t *testing.T) {
	eachSite(t, func(s *site) {
		s.row()
		b := s.member("vera", staff.Viewer)
		for query, said := range map[string]string{
			"q=203.0.113.0/33": "looks like a network", "q=1.2.3/8": "looks like a network", "q=%3A%3Affff%3A1.2.3.4/100": "mixes the two kinds",
			"q=" + strings.Repeat("x", 321): "no address is longer", "q=%ff": "not text", "q=a%00b": "not text",
			"q=nobody%2": "incomplete", "q=100%": "incomplete", "q=nobody;x": "incomplete", "status=used&q=%zz": "incomplete",
		} {
			b.Get("/support?"+query).Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, said).Shows("#q-problem", said).Has(`[role="alert"] a[href="#q"]`, 1).Has(".rows", 0)
			b.Get("/support/resets.csv?" + query).Is(http.StatusBadRequest)
		}
		for query, field := range map[string]string{
			"status=lost": "status", "since=yesterday": "since", "until=2031-13-01": "until", "since=2031-05-06T07:08:09": "since", "since=0000-01-01": "since", "until=0000-06-01": "until", "until=0001-01-01": "until",
			"since=2031-05-06&until=2031-05-05": "until",
		} {
			p := b.Get("/support?"+query).Is(http.StatusOK).Has(`[role="alert"] a[href="#`+field+`"]`, 1).Has("#"+field+`[aria-invalid="true"]`, 1).Has("#"+field+"-problem", 1)
			if value := query[strings.LastIndex(query, "=")+1:]; len(listed(p)) != 1 || !strings.Contains(p.Find(`[role="alert"]`).Text(), value) {
				s.Errorf("%s: %d rows, want all rows and the value", query, len(listed(p)))
			}
			b.Get(p.Find(".exports a").AttrOr("href", "")).Is(http.StatusOK) // the shown rows can be exported
		}
		b.Get("/support?q=nobody&since=yesterday").Shows("main", "Nothing was found as far back as this search goes")
		b.Get("/support?q=nobody&since=2031-05-06").Shows("main", "No reset matches this status or these days")
	})
}

// An export must have its headers, and a fault must give an error page.
func TestExportHeaders(t *testing.T) {
	eachSite(t, func(s *site) {
		s.row()
		s.row(func(r *reset.Reset) { r.CreatedAt = r.CreatedAt.Add(-time.Hour) })
		b := s.member("vera", staff.Viewer)
		for _, p := range []page{b.Head("/support/resets.csv"), b.Get("/support/resets.csv")} {
			if kind, name := p.Is(http.StatusOK).Header.Get("Content-Type"), p.Header.Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || !strings.Contains(name, "resets.csv") {
				s.Errorf("got %q, %q", kind, name)
			}
		}
		s.db.SQL(s.T, `UPDATE password_resets SET expires_at = 'infinity' WHERE created_at = (SELECT min(created_at) FROM password_resets)`)
		p := b.Get("/support/resets.csv").Is(http.StatusInternalServerError).Has("h1", 1)
		if kind, name := p.Header.Get("Content-Type"), p.Header.Get("Content-Disposition"); kind != "text/html; charset=utf-8" || name != "" {
			s.Errorf("a fault is sent as %q, %q", kind, name)
		}
	})
}

func TestSearchFilters(t *testing.T) {
	eachSite(t, func(s *site) {
		day, ids := 24*time.Hour, map[string]string{}
		now := s.clock.Now()
		for status, change := range map[string]func(*reset.Reset){
			"pending": func(*reset.Reset) {},
			"opened":  func(r *reset.Reset) { r.OpenedAt, r.OpenedByIP = now, testkit.Visitor.IP },
			"used":    func(r *reset.Reset) { r.UsedAt, r.UsedByIP = now, testkit.Visitor.IP },
			"revoked": func(r *reset.Reset) { r.RevokedAt, r.RevokedBy = now, reset.RevokedOtherLink },
			"expired": func(r *reset.Reset) { r.CreatedAt, r.ExpiresAt = now.Add(-2*day), now.Add(-2*day+time.Hour) },
		} {
			ids[status] = s.row(change).ID.String()
		}
		for _, why := range []reset.Withheld{reset.WithheldNoAccount, reset.WithheldInactive, reset.WithheldThrottled, reset.WithheldNoPassword} {
			ids[string(why)] = s.row(func(r *reset.Reset) { r.Withheld, r.Email = why, "nobody@example.org" }).ID.String()
		}
		s.db.SQL(s.T, `UPDATE password_resets SET mail = 'failed' WHERE id = '`+ids["opened"]+`'`)
		ids["mail_failed"] = ids["opened"]
		b := s.member("vera", staff.Viewer)
		for status, id := range ids {
			p := b.Get("/support?status="+status).Is(http.StatusOK).Has(`option[selected][value="`+status+`"]`, 1)
			if got := listed(p); !slices.Equal(got, []string{id}) {
				s.Errorf("%s: found %q, want %q", status, got, id)
			}
		}
		for query, want := range map[string]int{
			"": 9, "status=withheld": 4, "status=withheld&q=user@": 0, "status=inactive&q=nobody@example.org": 1, "since=2031-05-06": 8, "until=2031-05-05": 1,
			"since=2031-05-04&until=2031-05-04": 1, "since=2031-05-05&until=2031-05-05": 0, "since=2031-05-07": 0, "until=9999-12-31": 9, "since=0002-01-01": 9, "until=0002-01-01": 0, "q=00000000-0000-0000-0000-000000000000": 0,
		} {
			if got := len(listed(b.Get("/support?" + query).Is(http.StatusOK))); got != want {
				s.Errorf("%q: found %d, want %d", query, got, want)
			}
		}
	})
}

// If a filter excludes all resets of a whole address, the search must not show other
// addresses instead.
func TestFiltersDoNotChangeTheInterpretation(t *testing.T) {
	eachSite(t, func(s *site) {
		s.row()
		s.row(func(r *reset.Reset) { r.Email, r.Withheld = "another.user@example.org", reset.WithheldNoAccount })
		b := s.member("vera", staff.Viewer)
		for query, want := range map[string]int{"q=user@example.org&only=resets": 1, "q=user@example.org&status=no_account": 0, "q=user@example.or": 2, "q=r@example.org&status=no_account": 1} {
			if got := len(listed(b.Get("/support?" + query).Is(http.StatusOK))); got != want {
				s.Errorf("%q: found %d, want %d", query, got, want)
			}
		}
	})
}

// A search without a match must suggest what to try next.
func TestSearchWithoutAMatchHasAdvice(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		b.Get("/support?q=nobody@example.org").Is(http.StatusOK).Shows("main", "0 resets", "No reset for exactly this address is on record.")
		b.Get("/support?q=nobody@example.org&status=used").Is(http.StatusOK).Shows("main", "0 resets", "No reset matches this status")
		b.Get("/support").Is(http.StatusOK).Has("main > p:not(.count):not(.reach)", 0)
		b.Get("/support/resets/nothing").Is(http.StatusNotFound).Has(`main a[href="/support"]`, 1)
		b.Get("/supporters").Is(http.StatusNotFound).Has(`main a[href="/"]`, 1)
	})
}

// "Which people were asked for from this network yesterday?" needs the whole number.
func TestListsOfANetworkAndADayCountAll(t *testing.T) {
	eachSite(t, func(s *site) {
		s.must(s.app.store.InTx(s.Context(), func(tx reset.Tx) error {
			for i := range 1002 {
				r := testkit.Reset(s.clock.Now(), "", func(r *reset.Reset) {
					r.Email, r.Withheld = fmt.Sprintf("user%d@example.org", i/2), reset.WithheldNoAccount
				})
				if err := tx.Insert(s.Context(), r, testkit.Delivery(r.CreatedAt, r)); err != nil {
					return err
				}
			}
			return nil
		}))
		b := s.member("vera", staff.Viewer)
		const day = "&since=2031-05-06&until=2031-05-06"
		for query, want := range map[string]string{
			"q=203.0.113.0/24" + day: "1,002 resets, for 501 addresses", "q=203.0.113.9": "1,002 resets, for 501 addresses", "q=example.org" + day: "1,002 resets, for 501 addresses",
			"q=user0@" + day: "2 resets", "q=203.0.113.0/24": "More than 1,000 resets", "status=no_account" + day: "More than 1,000 resets", "q=198.51.100.0/24" + day: "0 resets",
		} {
			if got := strings.TrimSpace(b.Get("/support?" + query).Is(http.StatusOK).Find(".count").Text()); got != want {
				s.Errorf("%s: got %q, want %q", query, got, want)
			}
		}
	})
}

// numbered adds resets one second apart, the newest last.
func (s *site) numbered(from, n int) (ids []string) {
	s.Helper()
	for i := range n {
		s.clock.Add(time.Second)
		ids = append(ids, s.row(func(r *reset.Reset) { r.Email = fmt.Sprintf("user%d@example.org", from+i) }).ID.String())
	}
	slices.Reverse(ids)
	return ids
}

func TestPagesAreStableWhileRowsArrive(t *testing.T) {
	eachSite(t, func(s *site) {
		want := s.numbered(0, 120)
		b := s.member("vera", staff.Viewer)
		var got, sizes []string
		for next := "/support?q=user"; next != ""; {
			p := b.Get(next).Is(http.StatusOK).Has(".count", max(0, 1-len(sizes)))
			got, sizes = append(got, listed(p)...), append(sizes, fmt.Sprint(len(listed(p))))
			s.numbered(1000, 3)
			if newest := p.Find(`.pager a[href="/support?q=user"]`).Length(); newest != min(1, len(sizes)-1) {
				s.Errorf("page %d has %d links to the newest", len(sizes), newest)
			}
			next = p.Find(`a[rel="next"]`).AttrOr("href", "")
		}
		if !slices.Equal(got, want) || strings.Join(sizes, " ") != "25 25 25 25 20" {
			s.Errorf("pages of %v rows; all in order: %v", sizes, slices.Equal(got, want))
		}
	})
}

// Every page of a search must state how far the search goes back.
func TestPagesStateHowFarTheSearchGoesBack(t *testing.T) {
	eachSite(t, func(s *site) {
		old := s.row(func(r *reset.Reset) { r.Email = "user@example.com" }).ID.String()
		s.clock.Add(100 * 24 * time.Hour)
		s.numbered(0, 30)
		b := s.member("vera", staff.Viewer)
		for _, page := range []string{"/support?q=user", b.Get("/support?q=user").Find(`a[rel="next"]`).AttrOr("href", "")} {
			p := b.Get(page).Is(http.StatusOK).Shows(".reach", "This search goes back to")
			if got := listed(b.Get(p.Find(".reach a").AttrOr("href", "")).Is(http.StatusOK)); !slices.Equal(got, []string{old}) {
				s.Errorf("%s: further back: got %v, want the old reset", page, got)
			}
		}
		b.Get("/support?q=example.com").Shows("main", "0 resets", "as far back as this search goes")
		b.Get("/support?q=example.com&status=expired").Shows("main", "No reset matches this status or these days, as far back as this search goes")
	})
}

func TestModifiedCursorStartsOver(t *testing.T) {
	eachSite(t, func(s *site) {
		s.numbered(0, 60)
		b := s.member("vera", staff.Viewer)
		first := b.Get("/support").Is(http.StatusOK)
		next, err := url.Parse(first.Find(`a[rel="next"]`).AttrOr("href", ""))
		s.must(err)
		cursor := next.Query().Get("after")
		for _, bad := range []string{"", "x", cursor + "A", cursor[1:], "AAAA" + cursor[4:], cursor[:len(cursor)-4] + "AAAA", cursor[:30] + "AAA" + cursor[33:], "'; --", strings.Repeat("A", 10_000)} {
			if got := listed(b.Get("/support?after=" + url.QueryEscape(bad)).Is(http.StatusOK)); !slices.Equal(got, listed(first)) {
				s.Errorf("after=%.40s gives %d other rows", bad, len(got))
			}
			if bad != "" { // a part of a search must not look like the whole
				b.Get("/support/resets.csv?after=" + url.QueryEscape(bad)).Is(http.StatusBadRequest)
			}
		}
		if got := listed(b.Get("/support?after=" + cursor)); len(got) != 25 {
			s.Errorf("the valid cursor gives %d rows, want 25", len(got))
		}
	})
}

// Where the outcome of a reset is the state of its email, the lists say it once.
func TestListsSayTheStateOfAnEmailOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later"})
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		s.eventually("the first attempt", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_events WHERE kind = 'deferred'`) == "1"
		})
		b := s.member("vera", staff.Viewer)
		for state, want := range map[string]string{"waiting": "email waiting", "failed": "email refused", "bounced": "email bounced", "accepted": "not opened yet email accepted", "unknown": "not opened yet email not confirmed"} {
			s.db.SQL(s.T, `UPDATE password_resets SET mail = '`+state+`'`)
			for path, selector := range map[string]string{"/support": `.rows td[data-label="Outcome"]`, "/support/accounts/" + a.ID: ".timeline .asked div:nth-child(2)"} {
				got := strings.Join(strings.Fields(b.Get(path).Is(http.StatusOK).Find(selector).Text()), " ")
				if strings.Count(got, "email") != 1 || !strings.Contains(got, want) {
					s.Errorf("%s, %s: got %q, want %q", path, state, got, want)
				}
			}
		}
	})
}

// The form asks for days in the zone of the reader, like every other page.
func TestDaysOfASearchAreTheReaders(t *testing.T) {
	eachSite(t, func(s *site) {
		s.row(func(r *reset.Reset) {
			r.CreatedAt = r.CreatedAt.Truncate(24 * time.Hour).Add(-time.Hour)
			r.ExpiresAt = r.CreatedAt.Add(time.Hour)
		})
		vera := s.member("vera", staff.Viewer)
		vera.Get("/support").Has(`input[name="zone"]`, 0).Shows(".search", "From day (UTC)")
		vera.With("Cookie", "resetd_zone=Europe/Berlin")
		p := vera.Get("/support").Shows(".search", "From day (Europe/Berlin)").Has(`input[name="zone"][value="Europe/Berlin"]`, 1)
		day := s.clock.Now().Format(time.DateOnly)
		p = vera.Get("/support?since=" + day + "&until=" + day + "&zone=" + url.QueryEscape(p.Field("zone")))
		if len(listed(p)) != 1 {
			s.Errorf("%d resets of the day, want one", len(listed(p)))
		}
		if p = vera.Get("/support?since="+day+"&until="+day).Shows(".search", "From day (UTC)"); len(listed(p)) != 0 {
			s.Errorf("%d resets of the day in UTC, want none", len(listed(p)))
		}
	})
}
