package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Sizes in bytes. New hashes use the sizes that RFC 9106, section 4, recommends. A
// stored key shorter than 16 bytes is refused, because a guess could match by luck.
const (
	saltSize, minSalt, maxSalt = 16, 8, 64
	keySize, minKey, maxKey    = 32, 16, 64
)

// b64 is the base64 of PHC strings: no padding, no spare bits.
var b64 = base64.RawStdEncoding.Strict()

// Names of the two kinds (RFC 9106, section 1). New hashes are argon2id, unless the
// account's current hash is argon2i.
const (
	kindID = "argon2id"
	kindI  = "argon2i"
)

// djangoArgon2 is Django's prefix of a PHC string
// (django.contrib.auth.hashers.Argon2PasswordHasher).
const djangoArgon2 = "argon2"

// djangoArgon2Params are Django's defaults since 3.2.
var djangoArgon2Params = Params{MemoryKiB: 102400, Passes: 2, Threads: 8}

var _ = register(
	format{kindID, 0, 0, readArgon2, func(p Params, _ int, _ string) storedHash { return newArgon2("", p) }},
	format{"django-argon2", 0, 0, readArgon2, func(Params, int, string) storedHash { return newArgon2(djangoArgon2, djangoArgon2Params) }},
)

// argon2Hash is a hash in the PHC string format,
// $argon2id$v=19$m=19456,t=2,p=1$salt$key. PHP uses the same format.
type argon2Hash struct {
	before    string // "" or djangoArgon2
	kind      string
	params    Params
	order     string // of the parameters
	salt, key []byte
}

// phcOrder is the order that the PHC string format requires. node-argon2 0.45 writes
// mpt, and AdonisJS before 9.0.5 tmp. All libraries read phcOrder.
const phcOrder = "mtp"

// newArgon2 returns a hash that no password matches.
func newArgon2(before string, p Params) argon2Hash {
	return argon2Hash{before, kindID, p, phcOrder, random(saltSize), random(keySize)}
}

func (a argon2Hash) derive(in input, size uint32) []byte {
	p, derive := a.params, argon2.IDKey
	if a.kind == kindI {
		derive = argon2.Key
	}
	return derive([]byte(in.whole()), a.salt, p.Passes, p.MemoryKiB, p.Threads, size)
}

func (a argon2Hash) name() string {
	if a.before == djangoArgon2 {
		return "django-argon2"
	}
	return a.kind
}

func (a argon2Hash) parts() (salt, key []byte, iterations int) {
	return a.salt, a.key, int(a.params.Passes)
}

func (a argon2Hash) memoryKiB() uint32 { return a.params.MemoryKiB }

func (a argon2Hash) matches(in input) bool {
	key := a.derive(in, uint32(len(a.key)))
	return subtle.ConstantTimeCompare(key, a.key) == 1
}

func (a argon2Hash) fresh(in input) (string, error) {
	a.salt, a.order = random(saltSize), phcOrder
	if a.before == djangoArgon2 {
		a.salt = []byte(textSalt(true)) // Django treats the bytes as text
	}
	a.key = a.derive(in, keySize)
	return a.String(), nil
}

func (a argon2Hash) strong() storedHash {
	a.params.MemoryKiB = max(a.params.MemoryKiB, floor[min(int(a.params.Passes), len(floor))-1])
	if a.params.check() != nil { // with many passes the memory exceeds the cap
		a.params = OWASP
	}
	return a
}

func (a argon2Hash) String() string {
	values := map[rune]uint32{'m': a.params.MemoryKiB, 't': a.params.Passes, 'p': uint32(a.params.Threads)}
	var params []string
	for _, name := range a.order {
		params = append(params, fmt.Sprintf("%c=%d", name, values[name]))
	}
	return fmt.Sprintf("%s$%s$v=%d$%s$%s$%s", a.before, a.kind, argon2.Version, strings.Join(params, ","),
		b64.EncodeToString(a.salt), b64.EncodeToString(a.key))
}

func readArgon2(stored string) (storedHash, error) {
	parts := strings.Split(stored, "$")
	if len(parts) < 2 || (parts[0] != "" && parts[0] != djangoArgon2) || (parts[1] != kindID && parts[1] != kindI) {
		return nil, errForeign
	}
	if len(parts) != 6 || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return nil, errBroken
	}
	a := argon2Hash{before: parts[0], kind: parts[1]}
	var err error
	if a.params, a.order, err = parseParams(parts[3]); err != nil {
		return nil, err
	}
	if a.salt, err = decodeBytes(parts[4], minSalt, maxSalt); err != nil {
		return nil, err
	}
	a.key, err = decodeBytes(parts[5], minKey, maxKey)
	return a, err
}

// parseParams parses m=19456,t=2,p=1 in any order. It refuses values above the caps:
// m=4194304 would take 4 GiB.
func parseParams(s string) (p Params, order string, err error) {
	values := map[string]uint64{}
	for field := range strings.SplitSeq(s, ",") {
		name, digits, _ := strings.Cut(field, "=")
		if values[name], err = strconv.ParseUint(digits, 10, 32); err != nil || !strings.Contains(phcOrder, name) {
			return Params{}, "", errBroken
		}
		order += name
	}
	if len(order) != len(phcOrder) || len(values) != len(phcOrder) || values["p"] > MaxThreads {
		return Params{}, "", errBroken
	}
	p = Params{uint32(values["m"]), uint32(values["t"]), uint8(values["p"])}
	return p, order, p.check()
}

func decodeBytes(s string, least, most int) ([]byte, error) {
	b, err := b64.DecodeString(s)
	if err != nil || len(b) < least || len(b) > most {
		return nil, errBroken
	}
	return b, nil
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b) // never fails: crypto/rand crashes the program instead
	return b
}
