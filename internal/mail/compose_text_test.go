package mail

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/words"
	"resetd/templates"
)

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		" a \r\n\tb\x00c ":         "a b c",
		"a\u202eb\u2066c":          "a b c",
		"\u0645\u06cc\u200c\u062e": "\u0645\u06cc\u200c\u062e",
		"1234567890":               "1234567890",
		"12345678901":              "123456789…",
		"\xff":                     "?",
	} {
		if got := oneLine(in, 10); got != want {
			t.Errorf("oneLine(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestPlainTextWraps(t *testing.T) {
	long := strings.Repeat("https://example.org/", 10)
	in := strings.Repeat("word ", 20) + "\n\n\n\n" + long + "  \n- end\n\n"
	want := strings.TrimSpace(strings.Repeat("word ", 15)) + "\n" + strings.TrimSpace(strings.Repeat("word ", 5)) + "\n\n" + long + "\n- end\n"
	if got := plainText(in); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHide(t *testing.T) {
	token := testToken()
	whole := token.Encode()
	for in, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4F3C2":                                             "250 2.0.0 Ok: queued as 4F3C2",
		"554 blocked https://example.org/password-reset/confirm/" + whole + " spam": "554 blocked https://example.org/password-reset/confirm/[link] spam",
		"554 cut " + whole[:50]:                                                     "554 cut [link]",
		"554 broken " + whole[:30] + "= " + whole[30:]:                              "554 broken [link]= [link]",
		"554 lower " + strings.ToLower(whole):                                       "554 lower [link]",
	} {
		if got := hide(in, token); got != want {
			t.Errorf("hide(%q) is %q, want %q", in, got, want)
		}
	}
	if got := hide("AAAAAAAAAAAA", reset.Token{}); got != "AAAAAAAAAAAA" {
		t.Errorf("without a token: got %q", got)
	}
}

func english(t *testing.T) *texts {
	t.Helper()
	files, err := templates.Open("")
	must(t, err)
	cat, err := words.Load(files)
	must(t, err)
	return &texts{words: cat.In("en")}
}

// A link must not be called to work longer than it does, but for the moment of sending.
func TestEmailRoundsTheTimeOfItsLinkDown(t *testing.T) {
	s := english(t)
	for left, want := range map[time.Duration]string{
		time.Hour:                        "1 hour",
		time.Hour - 200*time.Millisecond: "1 hour",
		time.Hour - 5*time.Second:        "59 minutes",
		119 * time.Second:                "2 minutes",
		95 * time.Second:                 "1 minute",
		35 * time.Second:                 "less than a minute",
	} {
		if got := s.left(left); got != want || s.err != nil {
			t.Errorf("%s: got %q, want %q (%v)", left, got, want, s.err)
		}
	}
}

func TestBrowser(t *testing.T) {
	s := english(t)
	for agent, want := range map[string]string{
		firefox: "Firefox 140 on Windows",
		chrome:  "Chrome 139 on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15":                              "Safari 18 on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1":            "Safari 18 on iOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0":                      "Edge 139 on Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                                             "Firefox 128 on Linux",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36":                                     "Chrome 138 on ChromeOS",
		"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": "Samsung Internet 28 on Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 OPR/122.0.0.0":                      "Opera 122 on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0.7204.156 Mobile/15E148 Safari/604.1":    "Chrome 138 on iOS",
		"Firefox/140.0":                "Firefox 140",
		"Firefox/99999999.0":           "Firefox",
		"Evil/1.0 (Windows NT 10.0)":   "an unknown browser on Windows",
		"":                             "an unknown browser",
		strings.Repeat("x/1 ", 100000): "an unknown browser",
	} {
		if got := s.browser(agent); got != want || s.err != nil {
			t.Errorf("%.80q is %q, %v, want %q", agent, got, s.err, want)
		}
	}
}

func FuzzBrowser(f *testing.F) {
	f.Add(firefox)
	f.Add("Mozilla/5.0 (iPad; [http://")
	f.Fuzz(func(t *testing.T, agent string) { english(t).browser(agent) })
}

func TestUntil(t *testing.T) {
	s := english(t)
	for d, want := range map[time.Duration]string{
		time.Hour:       "14:05 UTC",
		24 * time.Hour:  "13:05 UTC on 4 March 2026",
		11 * time.Hour:  "00:05 UTC on 4 March 2026",
		-10 * time.Hour: "03:05 UTC",
	} {
		if got := s.until(asked, asked.Add(d)); got != want {
			t.Errorf("until %v later is %q, want %q", d, got, want)
		}
	}
}

func TestEveryMonthHasAName(t *testing.T) {
	s := english(t)
	for m := time.January; m <= time.December; m++ {
		if got := s.moment(time.Date(2026, m, 9, 0, 0, 0, 0, time.UTC)); got != "00:00 UTC on 9 "+m.String()+" 2026" {
			t.Errorf("%v: got %q, %v", m, got, s.err)
		}
	}
}

func TestRetryWaits(t *testing.T) {
	for n, want := range map[int]time.Duration{1: 5 * time.Second, 2: 15 * time.Second, 3: 45 * time.Second, 6: lastRetry, 1000: lastRetry} {
		if got := retryWait(n); got < want*4/5 || got > want*6/5 {
			t.Errorf("after attempt %d the wait is %v, want %v, plus or minus a fifth", n, got, want)
		}
	}
}

func TestLeasesAreRenewedInTime(t *testing.T) {
	if late := 2*renew + queueTimeout; late >= Lease {
		t.Errorf("a lease of %v is renewed every %v: after one failed renewal it would end", Lease, renew)
	}
}

// If it is not known whether the password was set, the notice does not call it set.
func TestNoticeOfAnUnknownOutcome(t *testing.T) {
	m := noticeMail(func(m *reset.Mail) {
		m.Delivery.IP, m.Delivery.Agent = m.Reset.UsedByIP, m.Reset.UsedByAgent
		m.Reset.UsedAt, m.Reset.UsedByIP, m.Reset.UsedByAgent = time.Time{}, netip.Addr{}, ""
	})
	got := compose(t, newComposer(t, site), m)
	for _, text := range []string{got.text, got.html} {
		if !strings.Contains(text, "tell which password is valid") || !strings.Contains(text, "2001:db8::17") || strings.Contains(text, "was changed, and") {
			t.Errorf("got %s", text)
		}
	}
	if got.subject != "A new password for Example Site" {
		t.Errorf("subject %q", got.subject)
	}
}
