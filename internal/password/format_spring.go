package password

import (
	"encoding/hex"
	"slices"
	"strings"
)

var _ = register(format{name: "spring-pbkdf2", defaultCost: 310_000, read: readSpring, model: newDerived(spring, "sha256", 32)})

// spring and springOld are the forms of Pbkdf2PasswordEncoder in Spring Security's
// DelegatingPasswordEncoder, since 5.8 and before: a prefix, and salt and key together in
// hexadecimal digits. The cost is fixed. The bcrypt and argon2 of Spring Security are
// known hashes in a wrapper.
var (
	spring    = &derivedForm{name: "spring-pbkdf2", fixed: true, write: afterPrefix(springPrefix)}
	springOld = &derivedForm{name: "spring-pbkdf2-5.5", fixed: true, onlyRead: true, write: afterPrefix(springOldPrefix)}
)

const springPrefix, springOldPrefix = "{pbkdf2@SpringSecurity_v5_8}", "{pbkdf2}"

func afterPrefix(prefix string) func(derivedKey) string {
	return func(d derivedKey) string { return prefix + hex.EncodeToString(slices.Concat(d.salt, d.key)) }
}

func readSpring(stored string) (storedHash, error) {
	if text, is := strings.CutPrefix(stored, springPrefix); is {
		key, err := springKey(text, "sha256", 310_000, 16)
		return derivedHash{key, spring}, err
	}
	if text, is := strings.CutPrefix(stored, springOldPrefix); is {
		key, err := springKey(text, "sha1", 185_000, 8)
		return derivedHash{key, springOld}, err
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
