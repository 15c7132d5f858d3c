package reset

import (
	"regexp"
	"time"
)

// Visit holds properties of a request for a link that help to recognize scanners.
type Visit struct {
	Head      bool // it was a HEAD request
	Languages bool // it has an Accept-Language header
	Navigates bool // Sec-Fetch-Mode: navigate, which browsers send when a person follows a link
}

// tooSoon is the time after delivery in which no person can have read the email.
const tooSoon = 3 * time.Second

// Programs that identify themselves, and the scanners of mail gateways.
var scannerAgent = regexp.MustCompile(`(?i)bot\b|crawl|spider|scan|preview|fetch|monitor|headless|phantom|curl|wget|python|java/|go-http|okhttp|libwww|perl|ruby|` +
	`barracuda|proofpoint|mimecast|ironport|fireeye|trendmicro|symantec|sophos|forcepoint|safelinks|microsoft office|ms-office|bingpreview|googleimageproxy|yahoomailproxy`)

// scannerRule is the name of a rule in the record.
type scannerRule string

const (
	headRequest  scannerRule = "head request"
	noAgent      scannerRule = "no agent"
	programAgent scannerRule = "agent of a program"
	tooSoonRead  scannerRule = "sooner than anybody reads"
	noBrowser    scannerRule = "headers of no browser"
)

// scannerRules are heuristics: staff see the result, and no decision depends on it.
var scannerRules = []struct {
	name    scannerRule
	matches func(v Visit, agent string, sinceSent time.Duration) bool
}{
	{headRequest, func(v Visit, _ string, _ time.Duration) bool { return v.Head }},
	{noAgent, func(_ Visit, agent string, _ time.Duration) bool { return agent == "" }},
	{programAgent, func(_ Visit, agent string, _ time.Duration) bool { return scannerAgent.MatchString(agent) }},
	{tooSoonRead, func(_ Visit, _ string, since time.Duration) bool { return since >= 0 && since < tooSoon }},
	{noBrowser, func(v Visit, _ string, _ time.Duration) bool { return !v.Languages && !v.Navigates }},
}

// looksLikeScanner returns the name of the first rule that matches, or "".
// sinceSent is below zero if the email is not known to be sent.
func looksLikeScanner(v Visit, agent string, sinceSent time.Duration) string {
	for _, rule := range scannerRules {
		if rule.matches(v, agent, sinceSent) {
			return string(rule.name)
		}
	}
	return ""
}
