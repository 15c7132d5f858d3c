package reset

import (
	"testing"
	"time"
)

func TestScannerRules(t *testing.T) {
	const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
	person := Visit{Languages: true, Navigates: true}
	for name, c := range map[string]struct {
		visit Visit
		agent string
		since time.Duration
		want  string
	}{
		"a person":                          {person, firefox, time.Minute, ""},
		"a person, when the mail is unsent": {person, firefox, -1, ""},
		"an old browser":                    {Visit{Languages: true}, firefox, time.Minute, ""},
		"a phone": {
			person, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
			time.Minute, "",
		},
		"HEAD":                         {Visit{Head: true, Languages: true}, firefox, time.Minute, "head request"},
		"no agent":                     {person, "", time.Minute, "no agent"},
		"a bot":                        {person, "Mozilla/5.0 (compatible; Examplebot/2.0)", time.Minute, "agent of a program"},
		"a headless browser":           {person, "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0", time.Minute, "agent of a program"},
		"a mail gateway":               {person, "Barracuda Sentinel (EE)", time.Minute, "agent of a program"},
		"an office suite":              {person, "Microsoft Office/16.0 (Microsoft Outlook 16.0)", time.Minute, "agent of a program"},
		"a library":                    {person, "python-requests/2.32", time.Minute, "agent of a program"},
		"at once":                      {person, firefox, 0, "sooner than anybody reads"},
		"just before one can":          {person, firefox, tooSoon - 1, "sooner than anybody reads"},
		"just after":                   {person, firefox, tooSoon, ""},
		"a browser's name and no more": {Visit{}, firefox, time.Minute, "headers of no browser"},
	} {
		if got := looksLikeScanner(c.visit, c.agent, c.since); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
