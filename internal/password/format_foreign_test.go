package password

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func scheming(s Scheme) *Hasher {
	return newHasher(Config{Params: OWASP, Scheme: s, Workers: 2, Queue: minQueue})
}

// Every format is read, and written again with match in the same form, unless it is only
// read. With a named format all of them count as passwords.
func TestMoreFormats(t *testing.T) {
	match := scheming(Scheme{Format: Match, Prepare: None})
	named := scheming(Scheme{Format: bcryptFormat, Cost: 10, Prepare: None})
	for from, m := range more {
		if !verify(t, match, m.hash, trouble) || verify(t, match, m.hash, trouble+"x") {
			t.Errorf("%s: %s does not match only its password", from, m.hash)
		}
		if got := match.scheme.Describe(m.hash); got != m.name {
			t.Errorf("%s: got %s, want %s", from, got, m.name)
		}
		text, err := match.Renew(t.Context(), ForReset, m.hash, "another password")
		switch writable := !strings.HasPrefix(from, "only read"); {
		case match.Usable(m.hash) != writable || !named.Usable(m.hash):
			t.Errorf("%s: usable %t and %t", from, match.Usable(m.hash), named.Usable(m.hash))
		case writable && (err != nil || text == m.hash || match.scheme.Describe(text) != m.name || !verify(t, match, text, "another password")):
			t.Errorf("%s: got %s, %v", from, text, err)
		case !writable && !errors.Is(err, errUnmatched):
			t.Errorf("%s: got %s, %v, want %v", from, text, err, errUnmatched)
		}
	}
}

// WordPress trims a password, and before that escapes quotes and backslashes. The code of
// WordPress 6.1, 6.8.3 and 7.1 made the hashes.
func TestWordPressTrimsAndEscapes(t *testing.T) {
	h := scheming(Scheme{Format: wordpressName, Prepare: WordPress})
	for _, stored := range []string{"WordPress 6.8.3", "WordPress 7.1", "only read: WordPress 6.1"} {
		if !verify(t, h, more[stored].hash, "\t"+trouble+" \n\v") {
			t.Errorf("%s: not trimmed", stored)
		}
	}
	for _, stored := range []string{
		"$P$BTaWUP3f87tH4qpSrBzOSzaje3QEF.1", "$2y$10$sFiyPm4jjEz0COGvMc0NruQt0V4V3e.3pBznDSxP1NAdZAwOj3Rd.",
		"$wp$2y$10$uJbqcHkLG1jgb8W2tmrJbeFBt/Z6tSVl4NogbnKbMQnOheTlnPwNO", "$wp$2y$10$cfGtUYegqI9uGQz5BGyBZueAQRSwZJdI5U8cs1KARmB9SfSIbdCQi",
		"$P$BpjE1xbJYNheCuSGMss6y7E0otXyTZ.",
	} {
		if !verify(t, h, stored, ` it's a "quoted" back\slash `) {
			t.Errorf("%s: not escaped", stored)
		}
	}
	long := strings.Repeat("long password ", 20)
	if text := hashed(t, h, long); !strings.HasPrefix(text, "$wp$2y$10$") || len(text) != 63 || !verify(t, h, text, strings.TrimSpace(long)) {
		t.Errorf("got %s", text)
	}
}

// Flask-Security 5.1.2 (Debian's python3-flask-security) made the hashes, with the salt
// "the salt". Its forms convert a password to NFKD.
func TestFlaskSecurity(t *testing.T) {
	h := scheming(Scheme{Format: bcryptFormat, Prepare: FlaskSecurity, Pepper: "the salt"})
	for stored, plain := range map[string]string{
		"$2b$12$r7dtTTfgnl5Oe6fFUupJO.gl4/sCZMD6BMAdO1mMBHQALPMJ0xELO": trouble,
		"$2b$12$m5LqayprR6AzBPCtGnJTUePp5rtQbGSl4qh93y8kll/8kxe.TdGIC": "p\u00e4ssw\u00f6rd \ufb01 \u5bc6\u7801",
	} {
		if !verify(t, h, stored, plain) || verify(t, h, stored, plain+"x") {
			t.Errorf("%s does not match only its password", stored)
		}
	}
	if text := hashed(t, h, "p\u00e4ssword"); !verify(t, h, text, "pa\u0308ssword") || !h.scheme.Fits("", strings.Repeat("x", 200)) {
		t.Error("not in NFKD, or limited")
	}
}

func TestTemplate(t *testing.T) {
	for template, want := range map[string]string{"{bcrypt}%s": "{bcrypt}$2a$10$", "3|%s": "3|$2a$10$", "<%s>": "<$2a$10$", "": "$2a$10$"} {
		s := Scheme{Format: bcryptFormat, Prefix: "$2a$", Cost: 10, Prepare: None, Template: template}
		h, err := NewHasher(Config{Params: OWASP, Scheme: s})
		if err != nil {
			t.Fatal(err)
		}
		text := hashed(t, h, trouble)
		if !strings.HasPrefix(text, want) || !verify(t, h, text, trouble) || !verify(t, h, foreign["Devise"], trouble) {
			t.Errorf("%s: got %s", template, text)
		}
		s.Format, s.Cost = Match, 0
		for _, present := range []string{text, foreign["Laravel"]} {
			if again, err := scheming(s).Renew(t.Context(), ForReset, present, trouble); err != nil || !strings.HasPrefix(again, want) {
				t.Errorf("%s: got %s, %v", template, again, err)
			}
		}
	}
	for _, template := range []string{"{bcrypt}", "%s%s", "%d"} {
		if err := (Scheme{Format: bcryptFormat, Prepare: None, Template: template}).Check(); err == nil || !strings.Contains(err.Error(), "hash_template") {
			t.Errorf("%s: got %v", template, err)
		}
	}
}

func TestParts(t *testing.T) {
	got := Scheme{Format: Match, Prepare: None}.Parts(more["columns"].hash)
	want := map[string]any{
		"$hash": more["columns"].hash, "$iterations": 50000,
		"$salt_hex": "0102030405060708090a0b0c0d0e0f10", "$salt_base64": "AQIDBAUGBwgJCgsMDQ4PEA==",
		"$key_hex":    "9b7f63c4c3268a5c17954b75886e75ccfd6c7d94c65b9bb0bcbfd3ca37c2f6475bc26832039f8b9477644d7d3e32bcd76dbd",
		"$key_base64": "m39jxMMmilwXlUt1iG51zP1sfZTGW5uwvL/TyjfC9kdbwmgyA5+LlHdkTX0+MrzXbb0=",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if (Scheme{Format: bcryptFormat}).HasParts() || !(Scheme{Format: "columns-pbkdf2-sha256"}).HasParts() {
		t.Error("which formats have parts?")
	}
}

// With a named format only an empty hash and a known mark mean that there is no
// password.
func TestWhatIsNoPassword(t *testing.T) {
	h := quickly(Scheme{Format: bcryptFormat, Prepare: None})
	for stored, want := range map[string]bool{
		"": false, " ": false, "!": false, "!abc": false, "*": false, "*0": false, "x": false, "not cached": false, "!$2b$12$abc": false,
		"$1$abc$def": true, "5f4dcc3b5aa765d61d8327deb882cf99": true, "{SSHA}abc": true, "md5$a$b": true, hostile: true, "$2b$12$abc": true,
	} {
		if h.Usable(stored) != want {
			t.Errorf("%q: got %t", stored, !want)
		}
	}
}
