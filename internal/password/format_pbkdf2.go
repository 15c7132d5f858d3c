package password

import (
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // only for PBKDF2 hashes of other applications
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// maxIterations takes a few seconds. Django 6.0 has 1,200,000.
const maxIterations = 10_000_000

// digests are the digests of PBKDF2 (RFC 8018, section 5.2), each with OWASP's minimum
// number of iterations.
var digests = map[string]struct {
	make  func() hash.Hash
	least int
}{
	"sha1":   {sha1.New, 1_400_000},
	"sha256": {sha256.New, 600_000},
	"sha512": {sha512.New, 220_000},
}

// The defaults are those of Django 5.2 and werkzeug 2.3.
var _ = register(
	format{"django-pbkdf2-sha256", 600_000, 1_000_000, readPBKDF2, func(_ Params, n int, _ string) storedHash { return newPBKDF2(true, n) }},
	format{"werkzeug-pbkdf2", 600_000, 1_000_000, readPBKDF2, func(_ Params, n int, _ string) storedHash { return newPBKDF2(false, n) }},
)

// pbkdf2Hash is a hash in the form of Django or werkzeug, with a key as long as
// the digest:
//
//	pbkdf2_sha256$600000$salt$base64   django.contrib.auth.hashers.PBKDF2PasswordHasher
//	pbkdf2:sha256:600000$salt$hex      werkzeug.security.generate_password_hash
type pbkdf2Hash struct {
	django     bool
	digest     string
	iterations int
	salt       string
	key        []byte
}

// newPBKDF2 returns a hash that no password matches.
func newPBKDF2(django bool, iterations int) pbkdf2Hash {
	p := pbkdf2Hash{django, "sha256", iterations, "", random(sha256.Size)}
	p.salt = textSalt(p.django)
	return p
}

// derive fails only if the program runs in the FIPS 140 mode, which forbids such
// short salts.
func (p pbkdf2Hash) derive(in input) ([]byte, error) {
	d := digests[p.digest].make
	return pbkdf2.Key(d, in.whole(), []byte(p.salt), p.iterations, d().Size())
}

func (p pbkdf2Hash) name() string {
	switch {
	case p.django:
		return "django-pbkdf2-" + p.digest
	case p.digest == "sha256":
		return "werkzeug-pbkdf2"
	default:
		return "werkzeug-pbkdf2-" + p.digest
	}
}

func (p pbkdf2Hash) parts() (salt, key []byte, iterations int) {
	return []byte(p.salt), p.key, p.iterations
}

func (pbkdf2Hash) memoryKiB() uint32 { return 1 }

func (p pbkdf2Hash) matches(in input) bool {
	key, err := p.derive(in)
	return err == nil && subtle.ConstantTimeCompare(key, p.key) == 1
}

func (p pbkdf2Hash) fresh(in input) (text string, err error) {
	p.salt = textSalt(p.django)
	if p.key, err = p.derive(in); err != nil {
		return "", err
	}
	return p.String(), nil
}

func (p pbkdf2Hash) strong() storedHash {
	p.iterations = max(p.iterations, digests[p.digest].least)
	return p
}

func (p pbkdf2Hash) String() string {
	if p.django {
		return fmt.Sprintf("pbkdf2_%s$%d$%s$%s", p.digest, p.iterations, p.salt, base64.StdEncoding.EncodeToString(p.key))
	}
	return fmt.Sprintf("pbkdf2:%s:%d$%s$%s", p.digest, p.iterations, p.salt, hex.EncodeToString(p.key))
}

func readPBKDF2(stored string) (storedHash, error) {
	parts := strings.Split(stored, "$")
	if digest, ok := strings.CutPrefix(parts[0], "pbkdf2_"); ok && len(parts) == 4 {
		key, err := base64.StdEncoding.DecodeString(parts[3])
		return checkPBKDF2(true, digest, parts[1], parts[2], key, err)
	}
	method, ok := strings.CutPrefix(parts[0], "pbkdf2:")
	digest, iterations, counted := strings.Cut(method, ":")
	switch {
	case ok && counted && len(parts) == 3:
		key, err := hex.DecodeString(parts[2])
		return checkPBKDF2(false, digest, iterations, parts[1], key, err)
	case strings.HasPrefix(parts[0], "pbkdf2") && !strings.HasPrefix(parts[0], "pbkdf2-"):
		return nil, errBroken // also without a count, which depends on werkzeug's version
	default:
		return nil, errForeign
	}
}

func checkPBKDF2(django bool, digest, iterations, salt string, key []byte, err error) (storedHash, error) {
	n, errCount := strconv.Atoi(iterations)
	d, known := digests[digest]
	if err != nil || errCount != nil || n < 1 || n > maxIterations || !known || len(key) != d.make().Size() ||
		salt == "" || len(salt) > maxTextSalt {
		return nil, errBroken
	}
	return pbkdf2Hash{django, digest, n, salt, key}, nil
}
