package password

import (
	"crypto/pbkdf2"
	"crypto/subtle"
	"strconv"
	"strings"
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

// derive fails only if the program runs in the FIPS 140 mode, which forbids short salts.
func (d derivedKey) derive(in input) ([]byte, error) {
	return pbkdf2.Key(digests[d.digest].make, in.whole(), d.salt, d.iterations, len(d.key))
}

func (d derivedKey) matches(in input) bool {
	key, err := d.derive(in)
	return err == nil && subtle.ConstantTimeCompare(key, d.key) == 1
}

// blocks is how often a long key multiplies the work.
func (d derivedKey) blocks() int {
	size := digests[d.digest].make().Size()
	return (len(d.key) + size - 1) / size
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

// derivedForm is how a format writes a derivedKey.
type derivedForm struct {
	name     string // in Formats; if it ends with -, the digest follows
	usual    string // the digest that the name leaves out
	write    func(derivedKey) string
	text     int  // how many letters and digits the salt has, if it is a text
	fixed    bool // the iterations are not changed
	onlyRead bool // never written
}

// salt returns a new salt. One that is not a text has a size.
func (f *derivedForm) salt(size int) []byte {
	if f.text > 0 {
		return []byte(randomText(f.text, letters))
	}
	return random(size)
}

// read decodes the parts of a hash.
func (f *derivedForm) read(digest, iterations, salt, key string, decode func(string) ([]byte, error)) (storedHash, error) {
	d := derivedKey{digest: digest}
	var errs [3]error
	d.iterations, errs[0] = strconv.Atoi(iterations)
	d.salt, errs[1] = decode(salt)
	d.key, errs[2] = decode(key)
	if errs != [3]error{} {
		return nil, errBroken
	}
	return derivedHash{d, f}, d.check()
}

// derivedHash is a derivedKey in one of the forms.
type derivedHash struct {
	derivedKey
	form *derivedForm
}

// newDerived makes a model of new hashes.
func newDerived(form *derivedForm, digest string, key int) func(Params, int, string) storedHash {
	return func(_ Params, iterations int, _ string) storedHash {
		return derivedHash{derivedKey{digest, iterations, form.salt(saltSize), random(key)}, form}
	}
}

func (h derivedHash) name() string {
	name, varies := strings.CutSuffix(h.form.name, "-")
	if varies && h.digest != h.form.usual {
		return h.form.name + h.digest
	}
	return name
}

func (h derivedHash) String() string { return h.form.write(h.derivedKey) }

func (h derivedHash) onlyRead() bool { return h.form.onlyRead }

func (h derivedHash) fresh(in input) (text string, err error) {
	if h.form.onlyRead {
		return "", errReadOnly
	}
	h.salt = h.form.salt(len(h.salt))
	h.key, err = h.derive(in)
	return h.String(), err
}

func (h derivedHash) strong() storedHash {
	if !h.form.fixed {
		h.iterations = max(h.iterations, min(digests[h.digest].least, maxIterations/h.blocks()))
	}
	return h
}
