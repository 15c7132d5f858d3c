package reset

import (
	"testing"
	"time"
)

func TestScannerRules(t *testing.T) {
	const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	person := Fetch{Languages: true, Navigates: true}
	for name, c := range map[string]struct {
		fetch Fetch
		agent string
		since time.Duration
		want  string
	}{
		"a person":                          {person, firefox, time.Minute, ""},
		"a person, when the mail is unsent": {person, firefox, -1, ""},
		"an old browser":                    {Fetch{Languages: true}, firefox, time.Minute, ""},
		"a phone": {
			person, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
			time.Minute, "",
		},
		"a phone named M bot":          {person, "Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/NRD90M) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36", time.Minute, ""},
		"a phone named CUBOT":          {person, "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36", time.Minute, ""},
		"its underscores":              {person, "Mozilla/5.0 (Linux; Android 10; CUBOT_X30 Build/QP1A.190711.020; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0 Mobile Safari/537.36", time.Minute, ""},
		"a phone named Ruby":           {person, "Mozilla/5.0 (Linux; Android 8.1.0; ForwardRuby) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36", time.Minute, ""},
		"words without a version":      {person, "Mozilla/5.0 (Linux; Android 9; Spider Preview Monitor Java Perl Scan 5 Build/PPR1) AppleWebKit/537.36 Chrome/124.0 Mobile Safari/537.36", time.Minute, ""},
		"a name alone":                 {person, "CUBOT NOTE 50", time.Minute, ""},
		"HEAD":                         {Fetch{Head: true, Languages: true}, firefox, time.Minute, "head request"},
		"no agent":                     {person, "", time.Minute, "no agent"},
		"a bot":                        {person, "Mozilla/5.0 (compatible; Examplebot/2.0)", time.Minute, "agent of a program"},
		"a headless browser":           {person, "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0", time.Minute, "agent of a program"},
		"a mail gateway":               {person, "Barracuda Sentinel (EE)", time.Minute, "agent of a program"},
		"an office suite":              {person, "Microsoft Office/16.0 (Microsoft Outlook 16.0)", time.Minute, "agent of a program"},
		"a library":                    {person, "python-requests/2.32", time.Minute, "agent of a program"},
		"a bot's name and version":     {person, "AhrefsBot/7.0", time.Minute, "agent of a program"},
		"a bot behind a browser":       {person, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/124.0 Safari/537.36", time.Minute, "agent of a program"},
		"a chat":                       {person, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", time.Minute, "agent of a program"},
		"a chat's preview":             {person, "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", time.Minute, "agent of a program"},
		"a picture proxy":              {person, "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", time.Minute, "agent of a program"},
		"a command":                    {person, "curl/8.7.1", time.Minute, "agent of a program"},
		"a library in Go":              {person, "Go-http-client/1.1", time.Minute, "agent of a program"},
		"a library in Perl":            {person, "libwww-perl/6.77", time.Minute, "agent of a program"},
		"Java":                         {person, "Java/17.0.2", time.Minute, "agent of a program"},
		"an unknown preview":           {person, "Mozilla/5.0 (compatible; ExampleLinkPreview/2.1)", time.Minute, "agent of a program"},
		"at once":                      {person, firefox, 0, "sooner than anybody reads"},
		"just before one can":          {person, firefox, tooSoon - 1, "sooner than anybody reads"},
		"in advance":                   {Fetch{Languages: true, Navigates: true, Unasked: true}, firefox, time.Minute, "loaded without a click"},
		"just after":                   {person, firefox, tooSoon, ""},
		"a browser's name and no more": {Fetch{}, firefox, time.Minute, "headers of no browser"},
	} {
		if got := looksLikeScanner(c.fetch, c.agent, c.since); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Staff must not tell somebody who opened a link in a browser that nobody did.
func TestBrowsersThatCallThemselvesProgramsMayBePeople(t *testing.T) {
	for _, c := range []struct {
		fetch    Fetch
		rule     scannerRule
		excludes bool
	}{
		{Fetch{Languages: true, Navigates: true}, programAgent, false},
		{Fetch{Languages: true, Navigates: true}, noAgent, false},
		{Fetch{}, noAgent, true},
		{Fetch{Languages: true}, programAgent, true},
		{Fetch{Navigates: true}, programAgent, true},
		{Fetch{}, programAgent, true},
		{Fetch{Languages: true, Navigates: true}, tooSoonRead, false},
		{Fetch{Languages: true, Navigates: true}, headRequest, true},
		{Fetch{Languages: true, Navigates: true, Unasked: true}, unasked, false},
		{Fetch{}, noBrowser, true},
	} {
		if got := ExcludesPerson(c.fetch.storedRule(string(c.rule))); got != c.excludes {
			t.Errorf("%+v, %s: got %t, want %t", c.fetch, c.rule, got, c.excludes)
		}
	}
}
