package reset

import (
	"regexp"
	"time"
)

// Fetch is how a link was fetched, which helps to recognise scanners.
type Fetch struct {
	Head      bool // it was a HEAD request
	Languages bool // it has an Accept-Language header
	Navigates bool // Sec-Fetch-Mode: navigate, which browsers send when a person follows a link
	Unasked   bool // loaded in advance, or as a part of another page
}

// tooSoon is the time after delivery in which no person can have read the email.
const tooSoon = 3 * time.Second

// scannerAgent matches the User-Agents of programs that identify themselves, and of the
// scanners of mail gateways. Some phones are named like programs ("M bot 60", "CUBOT
// NOTE 50", "ForwardRuby"). So a name counts only at the start of a token, and a common
// word only if a version follows; any name with "bot" in it counts after "compatible;"
// or as the first token, where no phone has its name.
var scannerAgent = regexp.MustCompile(`(?i)` +
	`(?:^|[\s(;,])(?:` + namedScanners + `|(?:bot|crawler|spider|scan|preview|fetch|monitor|headless|phantom|curl|wget|python|java|go-http|okhttp|libwww|perl|ruby)[\w.-]*/)` +
	`|(?:compatible;[^)]*|^[\w.-]*)(?:bot|crawler|spider|scan|preview|fetch|monitor)[\w.-]*/`)

const namedScanners = `googlebot|bingbot|bingpreview|msnbot|slurp|duckduckbot|baiduspider|yandexbot|applebot|petalbot|bytespider|semrushbot|ahrefsbot|` +
	`facebookexternalhit|twitterbot|linkedinbot|slackbot|slack-imgproxy|telegrambot|discordbot|whatsapp/|skypeuripreview|googleimageproxy|yahoomailproxy|` +
	`barracuda|proofpoint|mimecast|ironport|fireeye|trendmicro|symantec|sophos|forcepoint|safelinks|microsoft office|ms-office`

// scannerRule is the name of a rule in the record.
type scannerRule string

const (
	headRequest  scannerRule = "head request"
	noAgent      scannerRule = "no agent"
	programAgent scannerRule = "agent of a program"
	tooSoonRead  scannerRule = "sooner than anybody reads"
	noBrowser    scannerRule = "headers of no browser"
	unasked      scannerRule = "loaded without a click"
	// With the headers of a browser that a person uses:
	programAgentInBrowser scannerRule = "agent of a program in a browser"
	noAgentInBrowser      scannerRule = "no agent in a browser"
)

// scannerRules are heuristics: staff see the result, and no decision depends on it.
var scannerRules = []struct {
	name    scannerRule
	matches func(f Fetch, agent string, sinceSent time.Duration) bool
}{
	{headRequest, func(f Fetch, _ string, _ time.Duration) bool { return f.Head }},
	{noAgent, func(_ Fetch, agent string, _ time.Duration) bool { return agent == "" }},
	{programAgent, func(_ Fetch, agent string, _ time.Duration) bool { return scannerAgent.MatchString(agent) }},
	{unasked, func(f Fetch, _ string, _ time.Duration) bool { return f.Unasked }},
	{tooSoonRead, func(_ Fetch, _ string, since time.Duration) bool { return since >= 0 && since < tooSoon }},
	{noBrowser, func(f Fetch, _ string, _ time.Duration) bool { return !f.Languages && !f.Navigates }},
}

// ExcludesPerson reports whether no person can have caused an open that a rule matched.
// A person's browser may hide its name or call itself a program, and a person may be
// quick. A browser may show what it loaded in advance without loading it again. But none
// shows a page with a HEAD request.
func ExcludesPerson(rule string) bool {
	switch scannerRule(rule) {
	case programAgentInBrowser, noAgentInBrowser, tooSoonRead, unasked:
		return false
	default:
		return true
	}
}

// storedRule returns the rule as the event has it.
func (f Fetch) storedRule(rule string) string {
	browser := f.Languages && f.Navigates
	switch {
	case browser && rule == string(programAgent):
		return string(programAgentInBrowser)
	case browser && rule == string(noAgent):
		return string(noAgentInBrowser)
	default:
		return rule
	}
}

// looksLikeScanner returns the name of the first rule that matches, or "".
// sinceSent is below zero if the email is not known to be sent.
func looksLikeScanner(f Fetch, agent string, sinceSent time.Duration) string {
	for _, rule := range scannerRules {
		if rule.matches(f, agent, sinceSent) {
			return string(rule.name)
		}
	}
	return ""
}
