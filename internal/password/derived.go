package password

import (
	"crypto/pbkdf2"
	"crypto/subtle"
)

// derivedKey is what PBKDF2 (RFC 8018, section 5.2) takes and returns. Several formats
// write it, each in its own way.
type derivedKey struct {
	digest     string // one of digests
	iterations int
	salt, key  []byte
}

// Limits of a derivedKey, in bytes. The longest key is that of Payload.
const (
	leastDerived, mostDerived = 16, 512
	mostDerivedSalt           = 64
)

// newDerivedKey returns a key that no password matches.
func newDerivedKey(digest string, iterations, key int) derivedKey {
	return derivedKey{digest, iterations, random(saltSize), random(key)}
}

func (derivedKey) memoryKiB() uint32 { return 1 }

func (d derivedKey) parts() (salt, key []byte, iterations int) { return d.salt, d.key, d.iterations }

func (d derivedKey) derive(in input) ([]byte, error) {
	return pbkdf2.Key(digests[d.digest].make, in.whole(), d.salt, d.iterations, len(d.key))
}

func (d derivedKey) matches(in input) bool {
	key, err := d.derive(in)
	return err == nil && subtle.ConstantTimeCompare(key, d.key) == 1
}

// again returns the key of another password, with a new salt.
func (d derivedKey) again(in input) (derivedKey, error) {
	d.salt = random(len(d.salt))
	key, err := d.derive(in)
	d.key = key
	return d, err
}

// blocks is how often a long key multiplies the work.
func (d derivedKey) blocks() int {
	size := digests[d.digest].make().Size()
	return (len(d.key) + size - 1) / size
}

func (d derivedKey) raised() derivedKey {
	d.iterations = max(d.iterations, min(digests[d.digest].least, maxIterations/d.blocks()))
	return d
}

func (d derivedKey) check() error {
	_, known := digests[d.digest]
	switch {
	case !known, len(d.salt) < minSalt, len(d.salt) > mostDerivedSalt, len(d.key) < leastDerived, len(d.key) > mostDerived:
		return errBroken
	case d.iterations < 1 || d.iterations > maxIterations/d.blocks():
		return errBroken
	}
	return nil
}
