package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

const argon2idPrefix = "$argon2id$"

// Sizes in bytes. New hashes have what RFC 9106, section 4, recommends; a stored
// key shorter than its 16 for tight places could be met by luck.
const (
	saltSize, minSalt, maxSalt = 16, 8, 64
	keySize, minKey, maxKey    = 32, 16, 64
)

// b64 is the base64 of PHC strings: no padding, no spare bits.
var b64 = base64.RawStdEncoding.Strict()

// argon2id is a hash in the PHC string format,
// $argon2id$v=19$m=19456,t=2,p=1$salt$key.
type argon2id struct {
	params    Params
	salt, key []byte
}

func newArgon2id(p Params, plain string) argon2id {
	a := argon2id{params: p, salt: random(saltSize)}
	a.key = a.derive(plain, keySize)
	return a
}

// dummyArgon2id costs what a real one costs, and no password matches it.
func dummyArgon2id(p Params) argon2id {
	return argon2id{params: p, salt: random(saltSize), key: random(keySize)}
}

// derive hashes the NFC form, as in RFC 8265, section 4.2.2: the same text is
// typed as different bytes on different keyboards.
func (a argon2id) derive(plain string, size uint32) []byte {
	p := a.params
	return argon2.IDKey([]byte(norm.NFC.String(plain)), a.salt, p.Passes, p.MemoryKiB, p.Threads, size)
}

func (a argon2id) memoryKiB() uint32 { return a.params.MemoryKiB }

func (a argon2id) matches(plain string) bool {
	key := a.derive(plain, uint32(len(a.key)))
	return subtle.ConstantTimeCompare(key, a.key) == 1
}

func (a argon2id) String() string {
	return fmt.Sprintf("%sv=%d$m=%d,t=%d,p=%d$%s$%s", argon2idPrefix, argon2.Version,
		a.params.MemoryKiB, a.params.Passes, a.params.Threads,
		b64.EncodeToString(a.salt), b64.EncodeToString(a.key))
}

func readArgon2id(stored string) (record, error) {
	text, ok := strings.CutPrefix(stored, argon2idPrefix)
	if !ok {
		return nil, errForeign
	}
	parts := strings.Split(text, "$")
	if len(parts) != 4 || parts[0] != "v="+strconv.Itoa(argon2.Version) {
		return nil, errBroken
	}
	a, err := decodeArgon2id(parts[1], parts[2], parts[3])
	if err != nil {
		return nil, err
	}
	return a, nil
}

func decodeArgon2id(params, salt, key string) (a argon2id, err error) {
	if a.params, err = parseParams(params); err != nil {
		return a, err
	}
	if a.salt, err = decodeBytes(salt, minSalt, maxSalt); err != nil {
		return a, err
	}
	a.key, err = decodeBytes(key, minKey, maxKey)
	return a, err
}

// parseParams reads m=19456,t=2,p=1 in that order, and refuses what is above the
// caps: m=4194304 would take 4 GiB.
func parseParams(s string) (Params, error) {
	var n [3]uint64
	fields := strings.Split(s, ",")
	if len(fields) != len(n) {
		return Params{}, errBroken
	}
	for i, bits := range [...]int{32, 32, 8} {
		digits, ok := strings.CutPrefix(fields[i], "mtp"[i:i+1]+"=")
		v, err := strconv.ParseUint(digits, 10, bits)
		if !ok || err != nil {
			return Params{}, errBroken
		}
		n[i] = v
	}
	p := Params{uint32(n[0]), uint32(n[1]), uint8(n[2])}
	return p, p.check()
}

func decodeBytes(s string, least, most int) ([]byte, error) {
	b, err := b64.DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") || // encoding/base64 passes over line breaks
		len(b) < least || len(b) > most {
		return nil, errBroken
	}
	return b, nil
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}
