package search

import (
	"net/url"
	"time"
)

// question is a page that staff request.
type question struct {
	name    string
	path    string
	limit   time.Duration // for the 99th percentile
	far     bool          // its thousandth page, or its last
	further bool          // the page that its link "search further back" leads to
	first   bool          // only its first part, without the lists that follow
}

// The limits, by kind of question.
const (
	exact    = 25 * time.Millisecond
	days90   = 500 * time.Millisecond
	overview = 100 * time.Millisecond
	lists    = time.Second
	allTime  = 3 * time.Second
)

func searchPath(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	if len(values) == 0 {
		return "/support"
	}
	return "/support?" + values.Encode()
}

// questions returns all questions, with values from the middle of the record.
func (w world) questions() []question {
	some := w.sample
	busy := account(1)
	all := []question{
		{name: "an answer that does nothing (/healthz)", path: "/healthz", limit: exact},
		{name: "everything", path: searchPath(), limit: exact},
		{name: "everything", path: searchPath(), limit: exact, far: true},
		{name: "a reset by its id", path: searchPath("q", some.id.String()), limit: exact},
		{name: "a reset by its first eight digits", path: searchPath("q", some.id.String()[:8]), limit: exact},
		{name: "the page of a reset", path: "/support/resets/" + some.id.String(), limit: exact},
		{name: "an address: the page of a person", path: searchPath("q", some.email), limit: exact},
		{name: "an unknown address, also looked for as a part", path: searchPath("q", "nobody-at-all@nowhere.test"), limit: days90},
		{name: "the page of the busiest person", path: searchPath("q", address(1)), limit: exact},
		{name: "the busiest address", path: searchPath("q", address(1), "only", "resets"), limit: exact},
		{name: "the busiest address", path: searchPath("q", address(1), "only", "resets"), limit: exact, far: true},
		{name: "the busiest address, used", path: searchPath("q", address(1), "status", "used"), limit: exact},
		{name: "an account", path: searchPath("q", account(int(some.account)), "only", "resets"), limit: exact},
		{name: "the busiest account", path: searchPath("q", busy, "only", "resets"), limit: exact},
		{name: "the busiest account", path: searchPath("q", busy, "only", "resets"), limit: exact, far: true},
		{name: "an IP address", path: searchPath("q", some.ip.String()), limit: exact},
		{name: "an unknown IP address", path: searchPath("q", "233.1.2.3"), limit: exact},
		{name: "a busy IP address", path: searchPath("q", "203.0.113.7"), limit: exact},
		{name: "a busy IP address", path: searchPath("q", "203.0.113.7"), limit: exact, far: true},
		{name: "an IP address of the old burst", path: searchPath("q", "198.51.100.7"), limit: exact},
		{name: "a network of few", path: searchPath("q", some.ip.String()+"/24"), limit: days90},
		{name: "a busy /24", path: searchPath("q", "203.0.113.0/24"), limit: days90},
		{name: "a busy /24, page behind page", path: searchPath("q", "203.0.113.0/24"), limit: days90, far: true},
		{name: "a busy /24, withheld: no password", path: searchPath("q", "203.0.113.0/24", "status", "no_password"), limit: days90},
		{name: "a busy /10", path: searchPath("q", "100.64.0.0/10"), limit: days90},
		{name: "an unknown /8", path: searchPath("q", "240.0.0.0/8"), limit: days90},
		{name: "the /24 of the old burst", path: searchPath("q", "198.51.100.0/24"), limit: days90},
		{name: "a part that many addresses have", path: searchPath("q", "anna"), limit: days90},
		{name: "a part that many addresses have", path: searchPath("q", "anna"), limit: days90, far: true},
		{name: "a part that many addresses have, revoked", path: searchPath("q", "anna", "status", "revoked"), limit: days90},
		{name: "a part that few addresses have", path: searchPath("q", "kovacs77"), limit: days90},
		{name: "a part that no address has", path: searchPath("q", "zzzz"), limit: days90},
		{name: "a part of the old burst", path: searchPath("q", "raided.test"), limit: days90},
	}
	for _, status := range []string{"used", "revoked", "expired", "withheld", "pending", "opened", "received", "mail_failed", "mail_slow", "no_email", "used_within_60m", "no_password", "unmatched"} {
		all = append(all, question{name: "status " + status, path: searchPath("status", status), limit: days90})
	}
	spring := w.now.AddDate(0, 0, -200).Format(time.DateOnly)
	return append(all, []question{
		{name: "a day 200 days ago", path: searchPath("since", spring, "until", spring), limit: days90},
		{name: "overview, 7 days", path: "/support/overview?days=7", limit: overview, first: true},
		{name: "overview, 7 days, with its lists", path: "/support/overview?days=7", limit: lists},
		{name: "overview, 30 days", path: "/support/overview?days=30", limit: overview, first: true},
		{name: "overview, 30 days, with its lists", path: "/support/overview?days=30", limit: lists},
		{name: "overview, 90 days", path: "/support/overview?days=90", limit: overview, first: true},
		{name: "overview, 90 days, with its lists", path: "/support/overview?days=90", limit: lists},
		{name: "a part that no address has", path: searchPath("q", "zzzz"), limit: allTime, further: true},
		{name: "a part of the old burst", path: searchPath("q", "raided.test"), limit: allTime, further: true},
		{name: "the /24 of the old burst", path: searchPath("q", "198.51.100.0/24"), limit: allTime, further: true},
		{name: "an unknown /8", path: searchPath("q", "240.0.0.0/8"), limit: allTime, further: true},
		{name: "status unmatched", path: searchPath("status", "unmatched"), limit: allTime, further: true},
	}...)
}
