package reset

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// Purpose is the purpose of a token. It is part of the signed text, so a token for
// one purpose is invalid for every other.
type Purpose string

// The purposes.
const (
	// PurposeResetLink sets a new password; the id is the reset's.
	PurposeResetLink Purpose = "reset link"
	// PurposeNotMyRequest reports that somebody else requested the reset. It is
	// in the email with the reset link; the id is the reset's.
	PurposeNotMyRequest Purpose = "not my request"
	// PurposeNotMyChange reports that somebody else set the new password. It is
	// in the notice of the change; the id is the delivery's.
	PurposeNotMyChange Purpose = "not my change"
	// PurposeSignUp confirms a new account; the id is the sign-up's.
	PurposeSignUp Purpose = "sign-up"
	// PurposeStaffLink lets a member of staff choose a password and set up TOTP; the
	// id is the member's link_id.
	PurposeStaffLink Purpose = "staff link"
	// PurposeBounce is in the envelope sender of an email, and proves that a message
	// to this address answers that email; the id is the delivery's.
	PurposeBounce Purpose = "bounce"
	// PurposeDeskCheck makes the code by which staff verify a caller; the id is the
	// delivery's.
	PurposeDeskCheck Purpose = "desk check"
)

// MinKeyBytes is the minimum length of a key, which is the length of the digest
// (RFC 2104, section 3).
const MinKeyBytes = 32

// tokenChars is the length of an encoded token: 32 bytes in base32.
const tokenChars = 52

// tagBytes is how much of the digest a token contains. 128 bits can't be guessed
// (ASVS 5.0, 6.6.3; RFC 2104, section 5 allows truncation to half of the digest).
const tagBytes = 16

// Token is the secret part of a link: the row's id and the first 16 bytes of
// HMAC-SHA-256(key, purpose ‖ id). It prints as "[token]" with every verb.
type Token [16 + tagBytes]byte

// alphabet is base32 (RFC 4648, section 6) in lower case, without padding. It has
// one case and no punctuation, because mail programs cut a final "-" off a link, and
// gateways change links to upper case.
var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Encode returns the token for a link: 52 letters and digits.
func (t Token) Encode() string { return alphabet.EncodeToString(t[:]) }

// Clean returns a token as it was sent: in lower case, without the characters that
// stick to the end of a copied link.
func Clean(token string) string { return strings.ToLower(stuck.ReplaceAllString(token, "")) }

// Cut reports whether a token that was sent is shorter than every token.
func Cut(token string) bool { return len(Clean(token)) < tokenChars }

// stuck matches what is neither a letter nor a digit at the end of a link, HTML's names for
// such characters, and the = of a soft line break (RFC 2045, section 6.7); several of these
// would be padding.
var stuck = regexp.MustCompile(`(?:(?:&#?[0-9A-Za-z]+;?|[^\p{L}\p{N}=])*=|(?:&#?[0-9A-Za-z]+;?|[^\p{L}\p{N}=])+)$`)

// Format keeps the token out of every message.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// LogValue keeps the token out of every log.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

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

// Token returns the token for an id.
func (k Keys) Token(p Purpose, id ID) Token {
	var t Token
	copy(t[:], id[:])
	copy(t[len(id):], tag(k.keys[0], p, id))
	return t
}

// Verify returns the id in an encoded token, or ErrNoLink. It needs no database.
// It accepts either case, and drops the characters that stick to a copied link.
// Every other change makes the token invalid, the unused bits of its last
// character included.
func (k Keys) Verify(p Purpose, encoded string) (ID, error) {
	clean := Clean(encoded)
	if len(clean) != tokenChars || len(encoded) > 2*tokenChars {
		return ID{}, ErrNoLink
	}
	t, ok := decoded(clean)
	if !ok {
		return ID{}, ErrNoLink
	}
	id := t.id()
	for _, key := range k.keys {
		if hmac.Equal(t[16:], tag(key, p, id)) {
			return id, nil
		}
	}
	return ID{}, ErrNoLink
}

// decoded returns the token of 52 characters; false if they are not one.
func decoded(clean string) (t Token, ok bool) {
	n, err := alphabet.Decode(t[:], []byte(clean))
	return t, err == nil && n == len(t) && t.Encode() == clean // the decoder skips line breaks, and ignores the unused bits
}

func (t Token) id() ID { return ID(t[:16]) }

// tag returns the part of a token that proves who made it.
func tag(key []byte, p Purpose, id ID) []byte { return mac(key, []byte(p), id[:])[:tagBytes] }

// AccountState returns a keyed digest of the account's address and password hash.
// A reset's row and a session contain it: when the address or the hash changes,
// the link is dead and the session ends. The key keeps the digest from revealing
// anything about the hash.
func (k Keys) AccountState(a Account) string { return accountState(k.keys[0], a) }

// SameState reports whether state is the account's state under any of the keys.
func (k Keys) SameState(state string, a Account) bool {
	for _, key := range k.keys {
		if hmac.Equal([]byte(state), []byte(accountState(key, a))) {
			return true
		}
	}
	return false
}

func accountState(key []byte, a Account) string {
	length := binary.BigEndian.AppendUint64(nil, uint64(len(a.Email)))
	sum := mac(key, []byte("account state"), length, []byte(a.Email), []byte(a.PasswordHash))
	return base64.RawURLEncoding.EncodeToString(sum)
}

// HashDigest returns a keyed digest of a password hash, which reveals nothing about it.
func (k Keys) HashDigest(hash string) string { return hashDigest(k.keys[0], hash) }

// SameHash reports whether digest is the hash's under any of the keys.
func (k Keys) SameHash(digest, hash string) bool {
	for _, key := range k.keys {
		if hmac.Equal([]byte(digest), []byte(hashDigest(key, hash))) {
			return true
		}
	}
	return false
}

func hashDigest(key []byte, hash string) string {
	return base64.RawURLEncoding.EncodeToString(mac(key, []byte("password hash"), []byte(hash)))
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
