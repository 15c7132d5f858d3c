package password

import (
	"crypto/subtle"
	"encoding/hex"
	"regexp"

	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"
)

var _ = register(format{name: "better-auth", read: readBetterAuth, model: func(Params, int, string) storedHash {
	return betterAuthHash{hex.EncodeToString(random(16)), random(scryptKey)}
}})

// betterAuthHash is a hash of better-auth: salt:key in hexadecimal digits, made by
// scrypt with fixed parameters. The digits of the salt are the salt, and the password
// is hashed in NFKC.
type betterAuthHash struct {
	salt string
	key  []byte
}

// The parameters of scrypt.
const betterAuthN, betterAuthR, betterAuthP = 1 << 14, 16, 1

var betterAuthSyntax = regexp.MustCompile(`^([0-9a-f]{32}):([0-9a-f]{128})$`)

func (betterAuthHash) name() string { return "better-auth" }

func (betterAuthHash) memoryKiB() uint32 { return (betterAuthN + betterAuthP) * betterAuthR / 8 }

func (b betterAuthHash) parts() (salt, key []byte, iterations int) {
	return []byte(b.salt), b.key, betterAuthN
}

func (b betterAuthHash) derive(in input) []byte {
	key, _ := scrypt.Key([]byte(norm.NFKC.String(in.whole())), []byte(b.salt), betterAuthN, betterAuthR, betterAuthP, scryptKey) // can't fail
	return key
}

func (b betterAuthHash) matches(in input) bool {
	return subtle.ConstantTimeCompare(b.derive(in), b.key) == 1
}

func (b betterAuthHash) fresh(in input) (string, error) {
	b.salt = hex.EncodeToString(random(16))
	b.key = b.derive(in)
	return b.String(), nil
}

func (b betterAuthHash) strong() storedHash { return b }

func (b betterAuthHash) String() string { return b.salt + ":" + hex.EncodeToString(b.key) }

func readBetterAuth(stored string) (storedHash, error) {
	parts := betterAuthSyntax.FindStringSubmatch(stored)
	if parts == nil {
		return nil, errForeign
	}
	key, err := hex.DecodeString(parts[2])
	return betterAuthHash{parts[1], key}, err
}
