package password

import (
	"encoding/hex"
	"slices"
	"strings"
)

var _ = register(format{name: "spring-pbkdf2", read: readSpring, fresh: func(Params, int, string) record {
	return springHash{newDerivedKey("sha256", 310_000, 32)}
}})

// The prefixes of Pbkdf2PasswordEncoder in Spring Security's
// DelegatingPasswordEncoder: since 5.8, and before.
const (
	springPBKDF2    = "{pbkdf2@SpringSecurity_v5_8}"
	springOldPBKDF2 = "{pbkdf2}"
)

// springHash is the prefix, and salt and key together in hexadecimal digits. The cost
// is fixed. The bcrypt and argon2 of Spring Security are known hashes in a wrapper.
type springHash struct{ derivedKey }

func (springHash) name() string { return "spring-pbkdf2" }

func (s springHash) fresh(in input) (string, error) {
	key, err := s.again(in)
	return springHash{key}.String(), err
}

func (s springHash) strong() record { return s }

func (s springHash) String() string {
	return springPBKDF2 + hex.EncodeToString(slices.Concat(s.salt, s.key))
}

func readSpring(stored string) (record, error) {
	if text, is := strings.CutPrefix(stored, springPBKDF2); is {
		key, err := springKey(text, "sha256", 310_000, 16)
		return springHash{key}, err
	}
	if text, is := strings.CutPrefix(stored, springOldPBKDF2); is {
		key, err := springKey(text, "sha1", 185_000, 8)
		return springOldHash{derivedKey: key}, err
	}
	return nil, errForeign
}

func springKey(text, digest string, iterations, salt int) (derivedKey, error) {
	bytes, err := hex.DecodeString(text)
	if err != nil || len(bytes) != salt+32 {
		return derivedKey{}, errBroken
	}
	return derivedKey{digest, iterations, bytes[:salt], bytes[salt:]}, nil
}

// springOldHash is the format before Spring Security 5.8. It is only read.
type springOldHash struct {
	readOnly
	derivedKey
}

func (springOldHash) name() string { return "spring-pbkdf2-5.5" }

func (s springOldHash) strong() record { return s }

func (s springOldHash) String() string {
	return springOldPBKDF2 + hex.EncodeToString(slices.Concat(s.salt, s.key))
}
