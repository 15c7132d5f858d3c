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

// ErrTooLong means that a password has more bytes than its format uses. Passwords are
// never cut off.
var ErrTooLong = errors.New("password is too long for its hash format")

// mostBcrypt is how many bytes bcrypt uses.
const mostBcrypt = 72

// leastBcrypt is OWASP's minimum cost. The time doubles with each step; at
// mostBcryptCost it is a few seconds.
const leastBcrypt, mostBcryptCost = 10, 15

// Django's prefixes of a bcrypt hash (django.contrib.auth.hashers). The first one
// means that the SHA-256 of the password, in hexadecimal digits, is hashed.
const (
	djangoBcryptSHA256 = "bcrypt_sha256$"
	djangoBcrypt       = "bcrypt$"
)

const bcryptAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

var _ = register(
	format{"django-bcrypt-sha256", leastBcrypt, 12, readBcrypt, func(_ Params, n int, _ string) storedHash { return newBcrypt(djangoBcryptSHA256, defaultPrefix, n) }},
	format{bcryptFormat, leastBcrypt, 12, readBcrypt, func(_ Params, n int, prefix string) storedHash { return newBcrypt("", prefix, n) }},
	format{wordpressName, leastBcrypt, 10, readBcrypt, func(_ Params, n int, _ string) storedHash { return newBcrypt(wordpress, "$2y$", n) }},
)

// bcryptHash is a hash such as $2b$12$ with 53 characters of salt and checksum. Today
// all prefixes mean the same, but many libraries accept only their own: Ruby and Java
// use $2a$, Python and Elixir $2b$, PHP $2y$.
type bcryptHash struct {
	before string // "", djangoBcryptSHA256, djangoBcrypt or wordpress
	prefix string // $2a$, $2b$ or $2y$
	cost   int
	rest   string
}

// newBcrypt returns a hash that no password matches.
func newBcrypt(before, prefix string, cost int) bcryptHash {
	return bcryptHash{before, prefix, cost, randomText(53, bcryptAlphabet)}
}

// bytes returns the bytes to hash, and whether they include the whole password. A
// pepper is cut off after 72 bytes, as by bcrypt-ruby: the peppers of Devise have 128
// characters. Only the password must not be cut.
func (b bcryptHash) bytes(in input) (text []byte, whole bool) {
	if b.before == wordpress {
		return wordpressDigest(in.whole()), true
	}
	if b.before == djangoBcryptSHA256 {
		sum := sha256.Sum256([]byte(in.whole()))
		return hex.AppendEncode(nil, sum[:]), true
	}
	text = []byte(in.whole())
	return text[:min(len(text), mostBcrypt)], len(in.text) <= mostBcrypt || in.digest
}

func (b bcryptHash) name() string {
	if b.before == wordpress {
		return wordpressName
	}
	if b.before != "" {
		return "django-" + strings.ReplaceAll(strings.TrimSuffix(b.before, "$"), "_", "-")
	}
	return bcryptFormat + " " + b.prefix
}

// fits reports whether every byte of the password counts. No other format has a limit.
func (b bcryptHash) fits(in input) bool {
	_, whole := b.bytes(in)
	return whole
}

// withPrefix does not change the hashes of Django and WordPress, which have only one
// prefix.
func (b bcryptHash) withPrefix(prefix string) storedHash {
	if b.before == "" {
		b.prefix = prefix
	}
	return b
}

func (bcryptHash) memoryKiB() uint32 { return 5 }

// matches takes as long for a password that is too long as for any other.
func (b bcryptHash) matches(in input) bool {
	text, whole := b.bytes(in)
	err := bcrypt.CompareHashAndPassword([]byte(b.crypt()), text)
	return err == nil && whole
}

func (b bcryptHash) fresh(in input) (string, error) {
	text, whole := b.bytes(in)
	if !whole {
		return "", ErrTooLong
	}
	made, err := bcrypt.GenerateFromPassword(text, b.cost)
	if err != nil {
		return "", ErrTooLong // the only possible error
	}
	b.rest = string(made[len(b.crypt())-len(b.rest):])
	return b.String(), nil
}

func (b bcryptHash) strong() storedHash {
	b.cost = max(b.cost, leastBcrypt)
	return b
}

func (b bcryptHash) crypt() string { return fmt.Sprintf("%s%02d$%s", b.prefix, b.cost, b.rest) }

func (b bcryptHash) String() string { return b.before + b.crypt() }

func readBcrypt(stored string) (storedHash, error) {
	var b bcryptHash
	for _, before := range []string{djangoBcryptSHA256, djangoBcrypt, wordpress} {
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

// bcryptFormat is the only format with prefixes.
const bcryptFormat = "bcrypt"

// defaultPrefix is the prefix of the reference implementation.
const defaultPrefix = "$2b$"
