package reset

import (
	"regexp"
	"time"
)

// Visit is what a request for a link tells of who sent it, beyond the Client.
type Visit struct {
	Head      bool // it was a HEAD request
	Languages bool // it names the reader's languages
	Navigates bool // Sec-Fetch-Mode: navigate, as browsers say when a person follows a link
}

// tooSoon is how soon after a mail was taken nobody can have read it.
const tooSoon = 3 * time.Second

// Programs that name themselves, and those that a mail gateway runs.
var scannerAgent = regexp.MustCompile(`(?i)bot\b|crawl|spider|scan|preview|fetch|monitor|headless|phantom|curl|wget|python|java/|go-http|okhttp|libwww|perl|ruby|` +
	`barracuda|proofpoint|mimecast|ironport|fireeye|trendmicro|symantec|sophos|forcepoint|safelinks|microsoft office|ms-office|bingpreview|googleimageproxy|yahoomailproxy`)

// scannerRule is what an open looks like a mail scanner's by, as the record has it.
type scannerRule string

const (
	headRequest  scannerRule = "head request"
	noAgent      scannerRule = "no agent"
	programAgent scannerRule = "agent of a program"
	tooSoonRead  scannerRule = "sooner than anybody reads"
	noBrowser    scannerRule = "headers of no browser"
)

// scannerRules are told as what they are, looks: nothing is decided by them.
var scannerRules = []struct {
	name  scannerRule
	looks func(v Visit, agent string, sinceSent time.Duration) bool
}{
	{headRequest, func(v Visit, _ string, _ time.Duration) bool { return v.Head }},
	{noAgent, func(_ Visit, agent string, _ time.Duration) bool { return agent == "" }},
	{programAgent, func(_ Visit, agent string, _ time.Duration) bool { return scannerAgent.MatchString(agent) }},
	{tooSoonRead, func(_ Visit, _ string, since time.Duration) bool { return since >= 0 && since < tooSoon }},
	{noBrowser, func(v Visit, _ string, _ time.Duration) bool { return !v.Languages && !v.Navigates }},
}

// looksLikeScanner returns the first rule that says so, or empty. SinceSent is
// below zero where the mail is not known to have been sent.
func looksLikeScanner(v Visit, agent string, sinceSent time.Duration) string {
	for _, rule := range scannerRules {
		if rule.looks(v, agent, sinceSent) {
			return string(rule.name)
		}
	}
	return ""
}
