package reset

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// MinKeyBytes is the minimum length of a key, which is the length of the digest
// (RFC 2104, section 3).
const MinKeyBytes = 32

// Keys sign and verify links. The first key signs and all keys verify, so links
// that were already sent survive a change of keys. It prints as "[keys]".
type Keys struct{ keys [][]byte }

// NewKeys refuses an empty list and keys shorter than MinKeyBytes.
func NewKeys(keys ...[]byte) (Keys, error) {
	if len(keys) == 0 {
		return Keys{}, errors.New("reset: a key is required")
	}
	for _, k := range keys {
		if len(k) < MinKeyBytes {
			return Keys{}, fmt.Errorf("reset: a key of %d bytes is too short, %d are needed", len(k), MinKeyBytes)
		}
	}
	return Keys{keys}, nil
}

// Empty reports whether there is no key.
func (k Keys) Empty() bool { return len(k.keys) == 0 }

// Format keeps the keys out of every message.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }

// LogValue keeps the keys out of every log.
func (k Keys) LogValue() slog.Value { return slog.StringValue("[keys]") }

// Derive derives one key from each key, in their order (HKDF-SHA-256, RFC 5869).
// A derived key reveals neither the original key nor keys for another purpose.
// Derive panics if more than 8160 bytes are requested.
func (k Keys) Derive(purpose string, bytes int) [][]byte {
	derived := make([][]byte, len(k.keys))
	for i, key := range k.keys {
		var err error
		if derived[i], err = hkdf.Key(sha256.New, key, nil, purpose, bytes); err != nil {
			panic("reset: derive a key: " + err.Error())
		}
	}
	return derived
}

// Fingerprints returns a name for each key, to compare the keys of two instances.
func (k Keys) Fingerprints() []string {
	var names []string
	for _, name := range k.Derive("fingerprint", 8) {
		names = append(names, hex.EncodeToString(name))
	}
	return names
}

// AccountState returns a keyed digest of the account's address and password hash.
// A reset's row and a session contain it: when the address or the hash changes,
// the link is dead and the session ends. The key keeps the digest from revealing
// anything about the hash.
func (k Keys) AccountState(a Account) string { return accountState(k.keys[0], a) }

// SameState reports whether state is the account's state under any of the keys.
func (k Keys) SameState(state string, a Account) bool {
	return slices.ContainsFunc(k.keys, func(key []byte) bool { return hmac.Equal([]byte(state), []byte(accountState(key, a))) })
}

func accountState(key []byte, a Account) string {
	length := binary.BigEndian.AppendUint64(nil, uint64(len(a.Email)))
	sum := mac(key, []byte("account state"), length, []byte(a.Email), []byte(a.PasswordHash))
	return base64.RawURLEncoding.EncodeToString(sum)
}

// HashDigest returns a keyed digest of a password hash, which reveals nothing about it.
// Blanks at its end do not count: PostgreSQL's char(n) adds them to what was written.
func (k Keys) HashDigest(hash string) string { return hashDigest(k.keys[0], hash) }

// SameHash reports whether digest is the hash's under any of the keys.
func (k Keys) SameHash(digest, hash string) bool {
	return slices.ContainsFunc(k.keys, func(key []byte) bool { return hmac.Equal([]byte(digest), []byte(hashDigest(key, hash))) })
}

func hashDigest(key []byte, hash string) string {
	return base64.RawURLEncoding.EncodeToString(mac(key, []byte("password hash"), []byte(strings.TrimRight(hash, " "))))
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
