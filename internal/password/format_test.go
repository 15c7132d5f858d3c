package password

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestFormatsRoundTrip shows, with cheap hashes, that no other password matches.
func TestForeignHashesVerify(t *testing.T) {
	h := quick()
	for name, text := range foreign {
		if !h.Usable(text) || !verify(t, h, text, trouble) {
			t.Errorf("%s: %s does not match %s", name, text, trouble)
		}
	}
}

// cheap are hashes of trouble with a low cost.
var cheap = map[string]string{
	"django-pbkdf2":   "pbkdf2_sha256$1$",
	"werkzeug-pbkdf2": "pbkdf2:sha256:1$",
	"django-scrypt":   "scrypt$16$",
	"werkzeug-scrypt": "scrypt:16:8:1$",
	"argon2":          "argon2$argon2id$v=19$m=8,t=1,p=1$",
	"bcrypt":          "$2y$04$",
	"wordpress":       "$wp$2y$04$",
	"aspnet":          "AQAAAAIAAAAB",
	"passlib":         "$pbkdf2-sha256$1$",
	"columns":         "pbkdf2-sha512:1:",
	"bcrypt-sha256":   "bcrypt_sha256$$2b$04$",
}

// models returns a model of every format with the minimum cost.
func models() map[string]storedHash {
	return map[string]storedHash{
		"django-pbkdf2":   newDerived(djangoPBKDF2, "sha256", 32)(Params{}, 1, ""),
		"werkzeug-pbkdf2": newDerived(werkzeugPBKDF2, "sha256", 32)(Params{}, 1, ""),
		"django-scrypt":   newScrypt(true, 16),
		"werkzeug-scrypt": newScrypt(false, 16),
		"argon2":          newArgon2(djangoArgon2, Params{8, 1, 1}),
		"bcrypt":          newBcrypt("", "$2y$", 4),
		"wordpress":       newBcrypt(wordpress, "$2y$", 4),
		"aspnet":          derivedHash{newDerivedKey("sha512", 1, 32), aspnet},
		"passlib":         derivedHash{newDerivedKey("sha256", 1, 32), passlib},
		"columns":         derivedHash{newDerivedKey("sha512", 1, 64), columns},
		"bcrypt-sha256":   newBcrypt(djangoBcryptSHA256, defaultPrefix, 4),
	}
}

func TestFormatsRoundTrip(t *testing.T) {
	for name, model := range models() {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				in := input{text: rapid.StringN(0, 20, 72).Draw(t, "plain")}
				text, err := model.fresh(in)
				if err != nil || !strings.HasPrefix(text, cheap[name]) {
					t.Fatalf("%q, %v, want the same prefix as %s", text, err, cheap[name])
				}
				r, err := read(text)
				if err != nil || !r.matches(in) {
					t.Fatalf("%s does not match %q: %v", text, in.text, err)
				}
				if r.matches(input{text: in.text + "x"}) {
					t.Fatalf("%s matches another password too", text)
				}
				if again, _ := r.fresh(in); again == text {
					t.Fatalf("%s twice, want a new salt", text)
				}
			})
		})
	}
}

// A model replaces a hash that can't be read, so it must cost the same and match
// nothing.
func TestModelsMatchNothing(t *testing.T) {
	for name, model := range models() {
		r, err := read(model.String())
		if err != nil {
			t.Errorf("%s: %s: %v", name, model, err)
			continue
		}
		if diff := cmp.Diff(model.String(), r.String()); diff != "" || r.matches(input{text: "password"}) {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestUnusableForeignHashes(t *testing.T) {
	const salt, key32 = "abcdefghijklmnop", "fa6d60bb8c9eb93f7b02b07043bef295ea2f2412c0085d48d3162ee7bdd8ae43"
	key64 := key32 + key32
	const b64of32 = "eUwvVEL7ChdPIu2ZJBhMpAMDc8V0iPBOWRJv+2d0PXg="
	const rest = "abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG"
	h := quickly(Scheme{Format: Match, Prepare: NFC})
	for name, text := range map[string]string{
		"none":                     "",
		"unusable in Django":       "!" + salt + salt,
		"a disabled one":           "!" + foreign["Django 3.2"],
		"plain text":               "password",
		"MD5 of Django":            "md5$abcdefghijkl$0123456789abcdef0123456789abcdef",
		"HMAC of werkzeug":         "sha256$" + salt + "$" + key32,
		"crypt":                    "$6$" + salt + "$abc",
		"pbkdf2, no salt":          "pbkdf2_sha256$260000$$" + b64of32,
		"pbkdf2, long salt":        "pbkdf2_sha256$260000$" + strings.Repeat("x", 129) + "$" + b64of32,
		"pbkdf2, no iterations":    "pbkdf2:sha256$" + salt + "$" + key32,
		"pbkdf2, 0 iterations":     "pbkdf2:sha256:0$" + salt + "$" + key32,
		"pbkdf2, an hour":          "pbkdf2:sha256:10000001$" + salt + "$" + key32,
		"pbkdf2, 2^64":             "pbkdf2:sha256:18446744073709551617$" + salt + "$" + key32,
		"pbkdf2, negative":         "pbkdf2:sha256:-1$" + salt + "$" + key32,
		"pbkdf2, signed":           "pbkdf2:sha256:+1$" + salt + "$" + key32,
		"pbkdf2, leading zero":     "pbkdf2:sha256:01$" + salt + "$" + key32,
		"Payload, a short key":     key32 + ":" + key32,
		"Payload, an hour":         key32 + ":pbkdf2-sha256-v2-i10000001-l32:" + key32,
		"Payload, no iterations":   key32 + ":pbkdf2-sha256-v2-i0-l32:" + key32,
		"Payload, another salt":    key32[2:] + ":pbkdf2-sha256-v1:" + key32,
		"pbkdf2, capitals":         "pbkdf2:sha256:1$" + salt + "$" + strings.ToUpper(key32),
		"pbkdf2, short key":        "pbkdf2:sha256:1$" + salt + "$" + key32[2:],
		"pbkdf2, no key":           "pbkdf2:sha256:1$" + salt + "$",
		"pbkdf2, odd key":          "pbkdf2:sha256:1$" + salt + "$" + key32 + "0",
		"pbkdf2, unknown digest":   "pbkdf2:md5:1$" + salt + "$" + key32[:32],
		"pbkdf2, line break":       "pbkdf2_sha256$1$" + salt + "$eUwv\n" + b64of32[4:],
		"pbkdf2, unpadded":         "pbkdf2_sha256$1$" + salt + "$" + b64of32[:43],
		"scrypt, 4 GiB":            "scrypt:4194304:8:1$" + salt + "$" + key64,
		"scrypt, 4 GiB by r":       "scrypt:16:2097152:1$" + salt + "$" + key64,
		"scrypt, 4 GiB by p":       "scrypt:2:8:4194304$" + salt + "$" + key64,
		"scrypt, an hour":          "scrypt:32768:8:33$" + salt + "$" + key64,
		"scrypt, 2^62":             "scrypt:4611686018427387904:4611686018427387904:4$" + salt + "$" + key64,
		"scrypt, no power of 2":    "scrypt:32767:8:1$" + salt + "$" + key64,
		"scrypt, N of 1":           "scrypt:1:8:1$" + salt + "$" + key64,
		"scrypt, no r":             "scrypt:16:0:1$" + salt + "$" + key64,
		"scrypt, no p":             "scrypt:16:8:0$" + salt + "$" + key64,
		"scrypt, no salt":          "scrypt:16:8:1$$" + key64,
		"scrypt, short key":        "scrypt:16:8:1$" + salt + "$" + key32,
		"scrypt, by name alone":    "scrypt",
		"scrypt, a field too few":  "scrypt$16$" + salt + "$8$" + key64,
		"scrypt, a field too many": "scrypt$16$" + salt + "$8$1$" + key64 + "$",
		"bcrypt, 2^31 rounds":      "$2b$31$" + rest,
		"bcrypt, cost of 3":        "$2b$03$" + rest,
		"bcrypt, one digit":        "$2b$4$" + rest,
		"bcrypt, unknown prefix":   "$2x$12$" + rest,
		"bcrypt, no prefix":        "$2$12$" + rest,
		"bcrypt, short":            "$2b$12$" + rest[1:],
		"bcrypt, long":             "$2b$12$" + rest + "x",
		"bcrypt, other letters":    "$2b$12$" + strings.Replace(rest, "/", "+", 1),
		"bcrypt, line break":       "$2b$12$" + rest + "\n",
		"bcrypt, nothing":          "$2b$",
		"bcrypt_sha256, nothing":   "bcrypt_sha256$",
		"argon2d of Django":        "argon2$argon2d$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$IUqsCzlOMhWdMuSd/Jnx6UEUiaep2gaTvyye4mHe/xA",
		"argon2 of old":            "argon2$argon2i$m=512,t=2,p=2$c2FsdHNhbHQ$IUqsCzlOMhWdMuSd/Jnx6UEUiaep2gaTvyye4mHe/xA",
		"64 KiB":                   "pbkdf2:sha256:1$" + strings.Repeat("x", 64<<10) + "$" + key32,
	} {
		if h.Usable(text) || verify(t, h, text, trouble) {
			t.Errorf("%s: %.100q is usable", name, text)
		}
	}
}

// The other tests verify hashes of each format, with less cost.
func TestNewHashesOfEachFormat(t *testing.T) {
	for format, want := range map[string]string{
		"argon2id":              "$argon2id$v=19$m=19456,t=2,p=1$",
		"django-pbkdf2-sha256":  "pbkdf2_sha256$1000000$",
		"django-scrypt":         "scrypt$16384$",
		"django-bcrypt-sha256":  "bcrypt_sha256$$2b$12$",
		"django-argon2":         "argon2$argon2id$v=19$m=102400,t=2,p=8$",
		"werkzeug-pbkdf2":       "pbkdf2:sha256:1000000$",
		"werkzeug-scrypt":       "scrypt:32768:8:1$",
		"bcrypt":                "$2b$12$",
		"wordpress-bcrypt":      "$wp$2y$10$",
		"aspnet-identity-v3":    "AQAAAAIAAYagAAAAE",
		"spring-pbkdf2":         "{pbkdf2@SpringSecurity_v5_8}",
		"passlib-pbkdf2-sha512": "$pbkdf2-sha512$220000$",
		"passlib-pbkdf2-sha256": "$pbkdf2-sha256$600000$",
		"better-auth":           "",
		"payload":               "",
		"columns-pbkdf2-sha256": "pbkdf2-sha256:600000:",
		"columns-pbkdf2-sha512": "pbkdf2-sha512:220000:",
	} {
		h, err := NewHasher(Config{Params: OWASP, Scheme: Scheme{Format: format, Prepare: None}})
		if err != nil {
			t.Errorf("%s: %v", format, err)
			continue
		}
		text := hashed(t, h, "pa\u0308ssword")
		if !strings.HasPrefix(text, want) {
			t.Errorf("%s: got %s, want the prefix %s", format, text, want)
		}
		if len(text) > 182 {
			t.Errorf("%s: %d characters", format, len(text))
		}
	}
}

func TestMatchKeepsTheFormat(t *testing.T) {
	h := newHasher(Config{Params: OWASP, Scheme: Scheme{Format: Match, Prefix: "$2y$", Prepare: None}, Workers: 2, Queue: minQueue})
	for name, want := range map[string]string{
		"Django 3.2":            "pbkdf2_sha256$600000$", // raised
		"Django, argon2":        "argon2$argon2id$v=19$m=102400,t=2,p=8$",
		"Django, bcrypt-sha256": "bcrypt_sha256$$2b$12$",
		"Django, bcrypt":        "bcrypt$$2b$12$",
		"Django 5.1, scrypt":    "scrypt$16384$",
		"werkzeug 2.2":          "pbkdf2:sha256:600000$",
		"werkzeug, SHA-512":     "pbkdf2:sha512:220000$",
		"werkzeug 3.2, scrypt":  "scrypt:32768:8:3$",
		"Devise":                "$2y$10$",
		"Flask-Bcrypt":          "$2y$12$",
		"Laravel, argon2id":     "$argon2id$v=19$m=65536,t=4,p=1$",
		"argon2i":               "$argon2i$v=19$m=19456,t=2,p=2$",
	} {
		text, err := h.Renew(t.Context(), ForReset, foreign[name], "another password")
		if err != nil || !strings.HasPrefix(text, want) { // another test verifies the hashes of each format
			t.Errorf("%s: got %s, %v, want the prefix %s", name, text, err, want)
		}
	}
	if text, err := h.Hash(t.Context(), ForReset, "password"); err == nil {
		t.Errorf("without a hash to match: got %s, want an error", text)
	}
}

// OWASP lists equally strong pairs of N and p.
func TestStrongScrypt(t *testing.T) {
	for stored, want := range map[[3]int][3]int{
		{16, 1, 1}:           {8192, 8, 10},
		{1 << 14, 8, 1}:      {1 << 14, 8, 5},
		{1 << 14, 8, 16}:     {1 << 14, 8, 16},
		{1 << 16, 8, 1}:      {1 << 16, 8, 2},
		{1 << 17, 8, 1}:      {1 << 17, 8, 1},
		{1 << 18, 8, 1}:      {1 << 18, 8, 1},
		{2, 1 << 13, 1}:      {1 << 14, 8, 5}, // above the caps with more of N
		{1 << 13, 1 << 4, 1}: {1 << 13, 1 << 4, 10},
	} {
		s := newScrypt(false, stored[0])
		s.r, s.p = stored[1], stored[2]
		if err := s.check(); err != nil && stored[0] <= 1<<17 {
			t.Errorf("%v: %v", stored, err)
		}
		got, ok := s.strong().(scryptHash)
		if !ok || [3]int{got.n, got.r, got.p} != want {
			t.Errorf("%v: got %v, want %v", stored, got, want)
		}
	}
}

func TestInvalidSchemes(t *testing.T) {
	for want, s := range map[string]Scheme{
		`hash: "md5" is not one of argon2id, aspnet-identity-v3`: {Format: "md5", Prepare: None},
		`hash: "" is not one of`:                                 {Prepare: None, Cost: 1},
		"hash_cost: 9 is less than 10":                           {Format: "bcrypt", Cost: 9, Prepare: None},
		"hash_cost: 16 is too much":                              {Format: "bcrypt", Cost: 16, Prepare: None},
		"hash_cost: -1 is less than 600000":                      {Format: "django-pbkdf2-sha256", Cost: -1, Prepare: None},
		"hash_cost: 10000001 is too much":                        {Format: "werkzeug-pbkdf2", Cost: 10_000_001, Prepare: None},
		"hash_cost: 20000 is not a power of two":                 {Format: "django-scrypt", Cost: 20000, Prepare: None},
		"hash_cost: 16777216 is too much":                        {Format: "werkzeug-scrypt", Cost: 1 << 24, Prepare: None},
		"hash_cost: django-argon2 has none":                      {Format: "django-argon2", Cost: 3, Prepare: None},
		"hash_cost: argon2id has none":                           {Format: "argon2id", Cost: 3, Prepare: None},
		"hash_cost: match has none":                              {Format: "match", Cost: 12, Prepare: None},
		`hash_prefix: "2b" is not one of`:                        {Format: "bcrypt", Prefix: "2b", Prepare: None},
		"hash_prefix: werkzeug-scrypt has none":                  {Format: "werkzeug-scrypt", Prefix: "$2b$", Prepare: None},
		`prepare: "upper" is not one of flask-security, nfc, `:   {Format: "bcrypt", Prepare: "upper"},
	} {
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %s", s, err, want)
		}
		if _, err := NewHasher(Config{Params: OWASP, Scheme: s}); err == nil {
			t.Errorf("%+v: NewHasher returned no error", s)
		}
	}
}

// A hash that needs 100 MiB must wait until this memory is free.
func TestLargeHashRunsAlone(t *testing.T) {
	h := newHasher(Config{Params: OWASP, Scheme: Scheme{Format: "django-argon2", Prepare: None}, Workers: 2, Queue: minQueue})
	h.pool.running.TryAcquire(1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := h.Hash(ctx, ForReset, "password"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want it to wait", err)
	}
}

// The passwords of staff do not depend on the accounts' scheme, but they wait in the
// same queue.
func TestOwnHasherSharesThePool(t *testing.T) {
	h := quickly(Scheme{Format: "bcrypt", Prepare: None, Pepper: "pepper"})
	own := h.Own()
	text := hashed(t, own, "pa\u0308ssword")
	if !strings.HasPrefix(text, "$argon2id$") || !verify(t, own, text, "p\u00e4ssword") || own.pool != h.pool {
		t.Errorf("got %s", text)
	}
}

// For every stored text, read must end, and a hash that is read must be within the
// caps.
func FuzzRead(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.hash)
	}
	for _, text := range foreign {
		f.Add(text)
	}
	for _, m := range models() {
		f.Add(m.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := read(text)
		if err != nil {
			return
		}
		if r.String() != text {
			t.Errorf("read %q, written %q", text, r)
		}
		if most := uint32(MaxMemoryKiB + maxScryptBlocksKiB); r.memoryKiB() > most || r.strong().memoryKiB() > most {
			t.Errorf("%q takes %d KiB", text, r.memoryKiB())
		}
		if _, err := read(r.strong().String()); err != nil {
			t.Errorf("%q: made strong: %v", text, err)
		}
		Scheme{Format: Match}.Fits(text, "password")
	})
}
