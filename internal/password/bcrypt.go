package password

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// ErrTooLong means that a password has more bytes than its format can tell
// apart. Nothing is ever cut off.
var ErrTooLong = errors.New("password is too long for its hash format")

// mostBcrypt is how many bytes bcrypt looks at.
const mostBcrypt = 72

// leastBcrypt is OWASP's least cost; the time doubles with each step, and at
// mostBcryptCost it is a few seconds.
const leastBcrypt, mostBcryptCost = 10, 15

// What stands before a bcrypt hash in Django (django.contrib.auth.hashers). The
// first hashes the password's SHA-256, in hexadecimal digits.
const (
	djangoBcryptSHA256 = "bcrypt_sha256$"
	djangoBcrypt       = "bcrypt$"
)

const bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// bcryptHash is a hash such as $2b$12$ and 53 characters of salt and checksum.
// The prefixes mean the same by now, but libraries know their own alone: Ruby
// and Java write $2a$, Python and Elixir $2b$, PHP $2y$.
type bcryptHash struct {
	before string // "", djangoBcryptSHA256 or djangoBcrypt
	prefix string // $2a$, $2b$ or $2y$
	cost   int
	rest   string
}

// newBcrypt is one that no password matches.
func newBcrypt(before, prefix string, cost int) bcryptHash {
	return bcryptHash{before, prefix, cost, randomText(53, bcryptAlphabet)}
}

// bytes are what is hashed, and whether that is all of the password. A pepper is
// cut where bcrypt stops, as bcrypt-ruby does below Devise, whose own peppers
// have 128 characters: it is the password that must count to its last byte.
func (b bcryptHash) bytes(in input) (text []byte, whole bool) {
	if b.before == djangoBcryptSHA256 {
		sum := sha256.Sum256([]byte(in.whole()))
		return hex.AppendEncode(nil, sum[:]), true
	}
	text = []byte(in.whole())
	return text[:min(len(text), mostBcrypt)], len(in.text) <= mostBcrypt
}

func (b bcryptHash) name() string {
	if b.before != "" {
		return djangoName(strings.ReplaceAll(strings.TrimSuffix(b.before, "$"), "_", "-"))
	}
	return bcryptFormat + " " + b.prefix
}

// fits: bcrypt looks at 72 bytes, and is the only format with a limit.
func (b bcryptHash) fits(in input) bool {
	_, whole := b.bytes(in)
	return whole
}

// withPrefix leaves the hashes of Django alone, which have one prefix.
func (b bcryptHash) withPrefix(prefix string) record {
	if b.before == "" {
		b.prefix = prefix
	}
	return b
}

func (bcryptHash) memoryKiB() uint32 { return 5 }

// matches takes as long for a password that is too long as for any other.
func (b bcryptHash) matches(in input) bool {
	text, whole := b.bytes(in)
	err := bcrypt.CompareHashAndPassword([]byte(b.bare()), text)
	return err == nil && whole
}

func (b bcryptHash) fresh(in input) (string, error) {
	text, whole := b.bytes(in)
	if !whole {
		return "", ErrTooLong
	}
	made, err := bcrypt.GenerateFromPassword(text, b.cost)
	if err != nil {
		return "", ErrTooLong // all else was checked
	}
	b.rest = string(made[len(b.bare())-len(b.rest):])
	return b.String(), nil
}

func (b bcryptHash) strong() record {
	b.cost = max(b.cost, leastBcrypt)
	return b
}

func (b bcryptHash) bare() string { return fmt.Sprintf("%s%02d$%s", b.prefix, b.cost, b.rest) }

func (b bcryptHash) String() string { return b.before + b.bare() }

func readBcrypt(stored string) (record, error) {
	var b bcryptHash
	for _, before := range []string{djangoBcryptSHA256, djangoBcrypt} {
		if strings.HasPrefix(stored, before) {
			b.before = before
		}
	}
	text := stored[len(b.before):]
	switch {
	case len(text) > 4 && knownPrefix(text[:4]):
		b.prefix = text[:4]
	case b.before == "" && !strings.HasPrefix(text, "$2"):
		return nil, errForeign
	default:
		return nil, errBroken
	}
	cost, rest, _ := strings.Cut(text[4:], "$")
	var err error
	b.cost, err = strconv.Atoi(cost)
	b.rest = rest
	if err != nil || b.cost < bcrypt.MinCost || b.cost > mostBcryptCost ||
		len(rest) != 53 || strings.Trim(rest, bcryptAlphabet) != "" {
		return nil, errBroken
	}
	return b, nil
}

func knownPrefix(s string) bool { return s == "$2a$" || s == "$2b$" || s == "$2y$" }
