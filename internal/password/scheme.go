package password

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/bits"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Scheme describes how the application that verifies the passwords hashes them. The
// zero Scheme is resetd's own.
type Scheme struct {
	Format  string      // of new hashes, one of Formats
	Cost    int         // bcrypt's rounds, PBKDF2's iterations, scrypt's N; 0: the application's default
	Prefix  string      // of new bcrypt hashes; "": $2b$ or, with Match, the prefix of the present hash
	Prepare Preparation // how a password is changed first
	Pepper  Pepper      // appended to the prepared password
}

// Own is the scheme of the built-in accounts. It hashes the NFC form (RFC 8265,
// section 4.2.2), because keyboards produce different bytes for the same text.
var Own = Scheme{Format: kindID, Prepare: NFC}

// Match is the format for hashes in the format and with the cost of the account's
// present hash, but never weaker than OWASP's minimum.
const Match = "match"

// bcryptFormat is the only format with prefixes.
const bcryptFormat = "bcrypt"

// defaultPrefix is the prefix of the reference implementation.
const defaultPrefix = "$2b$"

// format is a format of hashes. read parses a stored hash, or returns errForeign for
// another format. fresh makes a model of a new hash with a given cost.
type format struct {
	name        string
	minCost     int // the smaller of OWASP's minimum and the application's default; 0 if the format has no cost
	defaultCost int // the application's default
	read        func(stored string) (record, error)
	fresh       func(p Params, cost int, prefix string) record
}

// formats are all formats. Adding a format is one file and one line here. The
// defaults are those of Django 5.2, werkzeug 3.1 and Flask-Bcrypt 1.0.
var formats = []format{
	{kindID, 0, 0, readArgon2, func(p Params, _ int, _ string) record { return newArgon2("", p) }},
	{djangoName("pbkdf2-sha256"), 600_000, 1_000_000, readPBKDF2, func(_ Params, n int, _ string) record { return newPBKDF2(true, n) }},
	{djangoName("scrypt"), 1 << 14, 1 << 14, readScrypt, func(_ Params, n int, _ string) record { return newScrypt(true, n) }},
	{djangoName("bcrypt-sha256"), leastBcrypt, 12, readBcrypt, func(_ Params, n int, _ string) record { return newBcrypt(djangoBcryptSHA256, defaultPrefix, n) }},
	{djangoName("argon2"), 0, 0, readArgon2, func(Params, int, string) record { return newArgon2(djangoArgon2, djangoArgon2Params) }},
	{"werkzeug-pbkdf2", 600_000, 1_000_000, readPBKDF2, func(_ Params, n int, _ string) record { return newPBKDF2(false, n) }},
	{"werkzeug-scrypt", 1 << 15, 1 << 15, readScrypt, func(_ Params, n int, _ string) record { return newScrypt(false, n) }},
	{bcryptFormat, leastBcrypt, 12, readBcrypt, func(_ Params, n int, prefix string) record { return newBcrypt("", prefix, n) }},
}

func djangoName(algorithm string) string { return "django-" + algorithm }

// djangoArgon2Params are Django's defaults since 3.2.
var djangoArgon2Params = Params{MemoryKiB: 102400, Passes: 2, Threads: 8}

// Formats returns the possible names of Scheme.Format.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return append(names, Match)
}

// Check returns an error if a field of the scheme is invalid.
func (s Scheme) Check() error {
	if s.Prefix != "" && !knownPrefix(s.Prefix) {
		return fmt.Errorf("hash_prefix: %q is not one of $2a$, $2b$, $2y$", s.Prefix)
	}
	if s.Prefix != "" && s.Format != bcryptFormat && s.Format != Match {
		return fmt.Errorf("hash_prefix: %s has none", s.Format)
	}
	if !slices.Contains(preparations, s.Prepare) {
		return fmt.Errorf("prepare: %q is not one of none, nfc, sha256-hex", string(s.Prepare))
	}
	return s.checkCost()
}

func (s Scheme) checkCost() error {
	if s.Format == Match {
		return noCost(s)
	}
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == s.Format })
	switch {
	case i < 0:
		return fmt.Errorf("hash: %q is not one of %s", s.Format, strings.Join(Formats(), ", "))
	case formats[i].minCost == 0:
		return noCost(s)
	case s.Cost == 0:
		return nil
	case s.Cost < formats[i].minCost:
		return fmt.Errorf("hash_cost: %d is less than %d", s.Cost, formats[i].minCost)
	}
	if _, err := read(s.template(OWASP).String()); err != nil {
		return fmt.Errorf("hash_cost: %d is %s", s.Cost, whyNot(s.Cost, formats[i].minCost))
	}
	return nil
}

func noCost(s Scheme) error {
	if s.Cost != 0 {
		return fmt.Errorf("hash_cost: %s has none", s.Format)
	}
	return nil
}

// whyNot explains why a cost is refused. N of scrypt must be a power of two (RFC 7914,
// section 2).
func whyNot(cost, least int) string {
	if bits.OnesCount(uint(least)) == 1 && bits.OnesCount(uint(cost)) != 1 {
		return "no power of two"
	}
	return "too much"
}

// template returns a model of new hashes; own are the parameters of resetd's own
// scheme. With Match the model replaces a hash that can't be read.
func (s Scheme) template(own Params) record {
	for _, f := range formats {
		if f.name != s.Format {
			continue
		}
		cost, prefix := s.Cost, s.Prefix
		if cost == 0 {
			cost = f.defaultCost
		}
		if prefix == "" {
			prefix = defaultPrefix
		}
		return f.fresh(own, cost, prefix)
	}
	return newArgon2("", own)
}

// like returns a model for the hash that replaces the present one.
func (s Scheme) like(present record) record {
	next := present.strong()
	if b, ok := next.(bcryptHash); ok && s.Prefix != "" {
		return b.withPrefix(s.Prefix)
	}
	return next
}

func (s Scheme) input(plain string) input {
	return input{s.Prepare.apply(plain), string(s.Pepper)}
}

// Fits reports whether every byte of a password counts in the hash that replaces the
// present one.
func (s Scheme) Fits(present, plain string) bool {
	next := s.template(OWASP)
	if stored, err := read(present); s.Format == Match && err == nil {
		next = stored
	}
	b, limited := next.(bcryptHash)
	return !limited || b.fits(s.input(plain))
}

// Preparation is how an application changes a password before it hashes it.
type Preparation string

// The preparations. Most applications hash the password unchanged.
const (
	None      Preparation = "none"
	NFC       Preparation = "nfc"        // Unicode Standard Annex 15
	SHA256Hex Preparation = "sha256-hex" // Flask-Bcrypt with BCRYPT_HANDLE_LONG_PASSWORDS
)

var preparations = []Preparation{None, NFC, SHA256Hex}

func (p Preparation) apply(plain string) string {
	switch p {
	case NFC:
		return norm.NFC.String(plain)
	case SHA256Hex:
		sum := sha256.Sum256([]byte(plain))
		return hex.EncodeToString(sum[:])
	default:
		return plain
	}
}

// Pepper is a secret that an application adds to every password. It prints as
// "[pepper]" with every verb.
type Pepper string

// Format implements fmt.Formatter.
func (Pepper) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[pepper]") }

// LogValue implements slog.LogValuer.
func (Pepper) LogValue() slog.Value { return slog.StringValue("[pepper]") }

// errUnmatched: Match needs a present hash of a known format.
var errUnmatched = errors.New("the account's hash has an unknown format, so no new hash can match it")
