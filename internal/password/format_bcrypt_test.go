package password

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
)

// The bcrypt algorithm ignores all bytes after the first 72.
func TestBcryptRefusesLongPasswords(t *testing.T) {
	h := quickly(Scheme{Format: bcryptFormat, Cost: leastBcrypt, Prepare: None})
	full := strings.Repeat("a", 72)
	text := hashed(t, h, full)
	if !verify(t, h, text, full) {
		t.Error("72 bytes do not verify")
	}
	for _, longer := range []string{full + "b", full + "\u00e4", strings.Repeat("\u00e4", 37), strings.Repeat("a", 64<<10)} {
		if verify(t, h, text, longer) {
			t.Errorf("%d bytes verify against the hash of 72 bytes", len(longer))
		}
		if got, err := h.Hash(t.Context(), ForReset, longer); !errors.Is(err, ErrTooLong) || got != "" {
			t.Errorf("%d bytes: got %s, %v, want %v", len(longer), got, err, ErrTooLong)
		}
	}
}

func TestOnlyBcryptLimitsTheLength(t *testing.T) {
	long := strings.Repeat("a", 72)
	for _, format := range Formats() {
		s := Scheme{Format: format, Prepare: None}
		if got, want := s.Fits("", long+"a"), format != bcryptFormat; got != want || !s.Fits("", long) {
			t.Errorf("%s: 73 bytes fit: %t, want %t", format, got, want)
		}
	}
	match := Scheme{Format: Match, Prepare: None}
	for name, text := range foreign {
		bare := strings.HasPrefix(text, "$2") || strings.HasPrefix(text, "bcrypt$")
		if got := match.Fits(text, long+"a"); got == bare {
			t.Errorf("%s: 73 bytes fit: %t", name, got)
		}
	}
	if hex := (Scheme{Format: bcryptFormat, Prepare: SHA256Hex}); !hex.Fits("", long+"a") {
		t.Error("with SHA-256 first, 73 bytes must fit")
	}
}

func TestPolicyRefusesPasswordsThatDoNotFit(t *testing.T) {
	p := Policy{Scheme: Scheme{Format: bcryptFormat, Prepare: None}}
	for plain, want := range map[string][]Problem{
		"walrus " + strings.Repeat("\u00e4", 32): nil,
		"walrus " + strings.Repeat("\u00e4", 33): {TooLarge}, // 40 characters
		strings.Repeat("walrus ", 100):           {TooLarge}, // 700
	} {
		if got := p.Check(plain, plain, Person{}); !slices.Equal(got, want) {
			t.Errorf("%d bytes: got %q, want %q", len(plain), got, want)
		}
	}
	if got := p.Bound(TooLarge); got != 72 {
		t.Errorf("the bound is %d, want 72", got)
	}
	p.Scheme.Format = Match
	long := "walrus " + strings.Repeat("\u00e4", 33)
	if got := p.Check(long, long, Person{Hash: foreign["Laravel"]}); !slices.Equal(got, []Problem{TooLarge}) {
		t.Errorf("with a bcrypt hash: got %q, want %q", got, TooLarge)
	}
	if got := p.Check(long, long, Person{Hash: foreign["Django 4.2"]}); got != nil {
		t.Errorf("with a PBKDF2 hash: got %q", got)
	}
}

// Devise's peppers have 128 characters. bcrypt-ruby cuts password and pepper to 72
// bytes. Python's bcrypt made the hashes.
func TestPepper(t *testing.T) {
	for pepper, text := range map[Pepper]string{
		"pepper": "$2a$11$abcdefghijklmnopqrstuuFTEO2RetNWqWFgiTMBCEHIWKVFtS5dC",
		Pepper(strings.Repeat("0123456789abcdef", 8)): "$2a$11$abcdefghijklmnopqrstuuybfyfr8/b3uY7jl6R4FwGhFa.IfOYyq",
	} {
		h := quickly(Scheme{Format: bcryptFormat, Cost: leastBcrypt, Prefix: "$2a$", Prepare: None, Pepper: pepper})
		if !verify(t, h, text, trouble) || verify(t, h, text, "") {
			t.Errorf("%s does not verify", text)
		}
		if made := hashed(t, h, trouble); !strings.HasPrefix(made, "$2a$10$") || !verify(t, h, made, trouble) {
			t.Errorf("got %s", made)
		}
		full := strings.Repeat("a", 72)
		if !verify(t, h, hashed(t, h, full), full) || h.scheme.Fits("", full+"b") {
			t.Error("the pepper reduces the password's 72 bytes")
		}
	}
}

func TestPepperIsNeverPrinted(t *testing.T) {
	s := Scheme{Format: bcryptFormat, Pepper: "salt"}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "pepper", s.Pepper, "scheme", s)
	printed := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		printed += fmt.Sprintf(verb+verb+verb, s.Pepper, s, Config{Scheme: s})
	}
	if strings.Contains(printed, "salt") || strings.Contains(printed, "73616c74") {
		t.Error(printed)
	}
}

// Flask-Bcrypt hashes twice with BCRYPT_HANDLE_LONG_PASSWORDS. Python's hashlib and
// bcrypt made the hash.
func TestSHA256BeforeBcrypt(t *testing.T) {
	h := quickly(Scheme{Format: bcryptFormat, Prepare: SHA256Hex})
	if !verify(t, h, "$2b$12$abcdefghijklmnopqrstuux3Do8//fyUdXOVqk9ToTfOSsQYe38ta", trouble) {
		t.Error("does not verify")
	}
}
