package password

import (
	"crypto/sha1" //nolint:gosec // only for PBKDF2 hashes of other applications
	"crypto/sha256"
	"crypto/sha512"
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
	format{"django-pbkdf2-sha256", 600_000, 1_000_000, readPBKDF2, newDerived(djangoPBKDF2, "sha256", sha256.Size)},
	format{"werkzeug-pbkdf2", 600_000, 1_000_000, readPBKDF2, newDerived(werkzeugPBKDF2, "sha256", sha256.Size)},
)

// The forms of Django and werkzeug, with a key as long as the digest:
//
//	pbkdf2_sha256$600000$salt$base64   django.contrib.auth.hashers.PBKDF2PasswordHasher
//	pbkdf2:sha256:600000$salt$hex      werkzeug.security.generate_password_hash
var (
	djangoPBKDF2 = &derivedForm{name: "django-pbkdf2-", text: djangoSalt, write: func(d derivedKey) string {
		return fmt.Sprintf("pbkdf2_%s$%d$%s$%s", d.digest, d.iterations, d.salt, base64.StdEncoding.EncodeToString(d.key))
	}}
	werkzeugPBKDF2 = &derivedForm{name: "werkzeug-pbkdf2-", usual: "sha256", text: werkzeugSalt, write: func(d derivedKey) string {
		return fmt.Sprintf("pbkdf2:%s:%d$%s$%s", d.digest, d.iterations, d.salt, hex.EncodeToString(d.key))
	}}
)

func readPBKDF2(stored string) (storedHash, error) {
	parts := strings.Split(stored, "$")
	if digest, ok := strings.CutPrefix(parts[0], "pbkdf2_"); ok && len(parts) == 4 {
		key, err := base64.StdEncoding.DecodeString(parts[3])
		return checkPBKDF2(djangoPBKDF2, digest, parts[1], parts[2], key, err)
	}
	method, ok := strings.CutPrefix(parts[0], "pbkdf2:")
	digest, iterations, counted := strings.Cut(method, ":")
	switch {
	case ok && counted && len(parts) == 3:
		key, err := hex.DecodeString(parts[2])
		return checkPBKDF2(werkzeugPBKDF2, digest, iterations, parts[1], key, err)
	case strings.HasPrefix(parts[0], "pbkdf2") && !strings.HasPrefix(parts[0], "pbkdf2-"):
		return nil, errBroken // also without a count, which depends on werkzeug's version
	default:
		return nil, errForeign
	}
}

func checkPBKDF2(form *derivedForm, digest, iterations, salt string, key []byte, err error) (storedHash, error) {
	n, errCount := strconv.Atoi(iterations)
	d, known := digests[digest]
	if err != nil || errCount != nil || n < 1 || n > maxIterations || !known || len(key) != d.make().Size() ||
		salt == "" || len(salt) > maxTextSalt {
		return nil, errBroken
	}
	return derivedHash{derivedKey{digest, n, []byte(salt), key}, form}, nil
}
