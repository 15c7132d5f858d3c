package password

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/crypto/scrypt"
)

// scryptKey is the length of the key in both applications, in bytes.
const scryptKey = 64

// maxScryptWorkKiB limits memory times parallelization, and so the time: 1 GiB takes
// a few seconds.
const maxScryptWorkKiB = 1 << 20

// maxScryptBlocksKiB limits the memory in addition to the memory for N.
const maxScryptBlocksKiB = 1 << 10

// The defaults are those of Django 5.2 and werkzeug 3.1.
var _ = register(
	format{"django-scrypt", 1 << 14, 1 << 14, readScrypt, func(_ Params, n int, _ string) storedHash { return newScrypt(true, n) }},
	format{"werkzeug-scrypt", 1 << 15, 1 << 15, readScrypt, func(_ Params, n int, _ string) storedHash { return newScrypt(false, n) }},
)

// scryptHash is a hash (RFC 7914) in the form of Django or werkzeug:
//
//	scrypt$16384$salt$8$5$base64   django.contrib.auth.hashers.ScryptPasswordHasher
//	scrypt:32768:8:1$salt$hex      werkzeug.security.generate_password_hash
type scryptHash struct {
	django  bool
	n, r, p int // RFC 7914, section 2
	salt    string
	key     []byte
}

// newScrypt returns a hash that no password matches, with the application's r and p.
func newScrypt(django bool, n int) scryptHash {
	s := scryptHash{django, n, 8, 1, "", random(scryptKey)}
	if django {
		s.p = 5
	}
	s.salt = textSalt(s.django)
	return s
}

func (s scryptHash) derive(in input) []byte {
	key, _ := scrypt.Key([]byte(in.whole()), []byte(s.salt), s.n, s.r, s.p, scryptKey) // can't fail after check
	return key
}

// kibibytes returns the size of n times r blocks of 128 bytes (RFC 7914, section 5).
func (s scryptHash) kibibytes(n int) int { return n * s.r / 8 }

func (s scryptHash) name() string {
	if s.django {
		return "django-scrypt"
	}
	return "werkzeug-scrypt"
}

func (s scryptHash) parts() (salt, key []byte, iterations int) { return []byte(s.salt), s.key, s.n }

func (s scryptHash) memoryKiB() uint32 { return uint32(s.kibibytes(s.n + s.p)) }

func (s scryptHash) matches(in input) bool {
	return subtle.ConstantTimeCompare(s.derive(in), s.key) == 1
}

func (s scryptHash) fresh(in input) (string, error) {
	s.salt = textSalt(s.django)
	s.key = s.derive(in)
	return s.String(), nil
}

// strong raises p and not N. OWASP lists N=2^17 p=1, 2^16 2, 2^15 3, 2^14 5 and
// 2^13 10, all with r=8, as equally strong. With the same N the application needs no
// more memory, which matters because Python's scrypt is limited to 32 MiB by default.
func (s scryptHash) strong() storedHash {
	s.n, s.r = max(s.n, 1<<13), max(s.r, 8)
	least := map[int]int{13: 10, 14: 5, 15: 3, 16: 2}[bits.Len(uint(s.n))-1]
	s.p = max(s.p, least)
	if s.check() != nil {
		return newScrypt(s.django, 1<<14).strong()
	}
	return s
}

func (s scryptHash) String() string {
	if s.django {
		return fmt.Sprintf("scrypt$%d$%s$%d$%d$%s", s.n, s.salt, s.r, s.p, base64.StdEncoding.EncodeToString(s.key))
	}
	return fmt.Sprintf("scrypt:%d:%d:%d$%s$%s", s.n, s.r, s.p, s.salt, hex.EncodeToString(s.key))
}

// check refuses parameters that RFC 7914, section 2, forbids or that exceed the caps.
func (s scryptHash) check() error {
	const most = MaxMemoryKiB * 8 // N times r
	switch {
	case s.n < 2 || s.n > most || bits.OnesCount(uint(s.n)) != 1, s.r < 1 || s.r > most, s.p < 1 || s.p > most:
		return errBroken
	case s.kibibytes(s.n) > MaxMemoryKiB, s.kibibytes(s.p) > maxScryptBlocksKiB, s.kibibytes(s.n)*s.p > maxScryptWorkKiB:
		return errBroken
	case s.salt == "" || len(s.salt) > maxTextSalt || len(s.key) != scryptKey:
		return errBroken
	}
	return nil
}

func readScrypt(stored string) (storedHash, error) {
	var s scryptHash
	var key string
	var numbers [3]string
	parts := strings.Split(stored, "$")
	method := strings.Split(parts[0], ":")
	switch {
	case method[0] != "scrypt":
		return nil, errForeign
	case len(method) == 1 && len(parts) == 6:
		s.django, s.salt, numbers, key = true, parts[2], [3]string{parts[1], parts[3], parts[4]}, parts[5]
	case len(method) == 4 && len(parts) == 3:
		s.salt, numbers, key = parts[1], [3]string(method[1:]), parts[2]
	default:
		return nil, errBroken
	}
	decode := hex.DecodeString
	if s.django {
		decode = base64.StdEncoding.DecodeString
	}
	var err error
	if s.key, err = decode(key); err != nil {
		return nil, errBroken
	}
	for i, to := range []*int{&s.n, &s.r, &s.p} {
		if *to, err = strconv.Atoi(numbers[i]); err != nil {
			return nil, errBroken
		}
	}
	return s, s.check()
}
