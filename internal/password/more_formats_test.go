package password

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// more are hashes of trouble in further formats: made with better-auth 1.7 itself, with
// passlib 1.7.4, with phpass of WordPress 6.1, and with PHP's own functions as
// WordPress 6.8, Nextcloud, Spring Security, ASP.NET Core Identity and MediaWiki
// describe them. That of Drupal was made with Python's hashlib.
var more = map[string]struct{ hash, name string }{
	"WordPress 6.8":                {"$wp$2y$10$i2PWRU1sCR/Pkg2hNS6cZudQgLeUdnPlTbM/YTgY9L75nyLiT6jZK", "wordpress-bcrypt"},
	"ASP.NET":                      {"AQAAAAIAAYagAAAAEAECAwQFBgcICQoLDA0ODxD+lBRpln/Scno+HAlit74F/1tEuve/HJHloYoXuLW7fg==", "aspnet-identity-v3"},
	"Spring, PBKDF2":               {"{pbkdf2@SpringSecurity_v5_8}0102030405060708090a0b0c0d0e0f1099657de992011266ccb82dad25687b203704446b7f28beae2404dcfa41aee4db", "spring-pbkdf2"},
	"Spring, bcrypt":               {"{bcrypt}$2a$10$YCfOBqcUD3D2KJD3xQrZSOTWjvigdbtFyCtwTsKka3MXctnVM4wA6", "{bcrypt}bcrypt $2a$"},
	"Nextcloud":                    {"3|$argon2id$v=19$m=65536,t=4,p=1$bWtaenhXLi5NcmRQYmxnWQ$elavvjPj84TzZcQMuqkewx/lhylvi9zlhHiFCH3diCU", "3|argon2id"},
	"passlib, SHA-512":             {"$pbkdf2-sha512$25000$YiyldK51Tsn5fy8lxDhnbA$7ZzwOKpeGqZJNKmaKevdDtMGWpWOocSU.1S9ozyo2TIycM87.9w1TFmLf5vGj8u7Not8OMXKbrAe9tautNmYqA", "passlib-pbkdf2-sha512"},
	"passlib, SHA-256":             {"$pbkdf2-sha256$29000$X.tdS2ltDWFMCeG8t7Y2xg$OGRa0As5SQ8YKScKR5ydE9S3NvwV4MHQEUYTzzmDtTo", "passlib-pbkdf2-sha256"},
	"passlib, SHA-1":               {"$pbkdf2$1000$5Dwn5Nyb896bM0YoxTgHoA$naaY8yCZlVHJo3PY9N68CPXRrqY", "passlib-pbkdf2-sha1"},
	"better-auth":                  {"e340021f206b1a8cf7213551eef189be:cb19c9eaa4bc3191ad6e579c947f53206355815edb863d235ba34af9c8d8d55a60b65f9bfb26920d7f1ecf8d5b57895d1dc4066149b50723f8095aace6e2d62a", "better-auth"},
	"columns":                      {"pbkdf2-sha256:50000:0102030405060708090a0b0c0d0e0f10:9b7f63c4c3268a5c17954b75886e75ccfd6c7d94c65b9bb0bcbfd3ca37c2f6475bc26832039f8b9477644d7d3e32bcd76dbd", "columns-pbkdf2-sha256"},
	"only read: WordPress":         {"$P$BtaNUOZT1xV3ftnb6UZZfoMSdhwEES.", "phpass"},
	"only read: phpBB":             {"$H$7XWqfelRfYgyam6HPsg6eZdZtTmkgt/", "phpass"},
	"only read: Drupal":            {"$S$DabcdefghxZaKAs1vaKryfgc.94npfa6mxBxGYPa8uFNc5CXFFmm", "drupal-sha512"},
	"only read: Drupal 6":          {"U$S$Dabcdefgh1oIlRUfzWlgGxRaQHZzEvhtEh4TmFJ89ZQ4miN12S5j", "drupal-sha512"},
	"only read: MediaWiki":         {":pbkdf2:sha512:30000:64:AQIDBAUGBwgJCgsMDQ4PEA==:HjEZhvG5MfE5bDmQKgRHBoZfkj/c1P6UWwxCRf4LRTGss7TmBW9Na5RyZjJhtqmXanGRyElFAUqJuQ+QUstr5w==", "mediawiki"},
	"only read: MediaWiki, argon2": {":argon2:$argon2id$v=19$m=65536,t=4,p=1$bWtaenhXLi5NcmRQYmxnWQ$elavvjPj84TzZcQMuqkewx/lhylvi9zlhHiFCH3diCU", "mediawiki"},
	"only read: ASP.NET":           {"AAECAwQFBgcICQoLDA0ODxCWfcjcffahpGTJ9MQiqtyl4EdAVMpPCZE/kuTGth6Gmg==", "aspnet-identity-v2"},
}

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

// WordPress trims a password, and before that escapes quotes and backslashes. The vectors
// were made with PHP and WordPress's class-phpass.php.
func TestWordPressTrimsAndEscapes(t *testing.T) {
	h := scheming(Scheme{Format: wordpressName, Prepare: WordPress})
	for _, stored := range []string{"WordPress 6.8", "only read: WordPress"} {
		if !verify(t, h, more[stored].hash, "\t"+trouble+" \n\v") {
			t.Errorf("%s: not trimmed", stored)
		}
	}
	for _, stored := range []string{
		"$P$BTaWUP3f87tH4qpSrBzOSzaje3QEF.1", "$2y$10$sFiyPm4jjEz0COGvMc0NruQt0V4V3e.3pBznDSxP1NAdZAwOj3Rd.",
		"$wp$2y$10$HrVXxE7odBqYLDBrG/5sveyDdBVQ.AASYM7w1YcDdGt8.UpWwvfNS",
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

// The vector was made with PHP as Flask-Security does: hash_hmac with the key "the
// salt", of which bcrypt sees 72 characters.
func TestFlaskSecurity(t *testing.T) {
	h := scheming(Scheme{Format: bcryptFormat, Prepare: FlaskSecurity, Pepper: "the salt"})
	if !verify(t, h, "$2b$12$4FWVZnWm7RMCk.4nrBYBK.s.2qpE9wPMOwGzAVhQDYPG10d9.eaom", trouble) {
		t.Error("the vector does not match")
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
