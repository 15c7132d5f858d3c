package reset

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Purpose is what a token is for. It is part of what is signed, so that a token
// made for one purpose is worthless for another.
type Purpose string

// The purposes.
const (
	// PurposeResetLink sets a new password; the id is the reset's.
	PurposeResetLink Purpose = "reset link"
	// PurposeNotMyRequest says, from the mail with the link, that it was
	// somebody else who asked; the id is the reset's.
	PurposeNotMyRequest Purpose = "not my request"
	// PurposeNotMyChange says, from the mail that tells of a new password, that
	// it was somebody else who set it; the id is the delivery's.
	PurposeNotMyChange Purpose = "not my change"
	// PurposeSignUp confirms a new account; the id is the sign-up's.
	PurposeSignUp Purpose = "sign-up"
)

// MinKeyBytes is the least length of a key: as long as the digest (RFC 2104,
// section 3).
const MinKeyBytes = 32

// tokenChars is the length of an encoded token: 48 bytes in base64url.
const tokenChars = 64

// Token is the secret part of a link: the row's id and HMAC-SHA-256(key,
// purpose ‖ id). It prints as "[token]" with every verb.
type Token [16 + sha256.Size]byte

// Encode returns the token as it stands in a link: base64url without padding
// (RFC 4648, section 5).
func (t Token) Encode() string { return base64.RawURLEncoding.EncodeToString(t[:]) }

// Format keeps the token out of every message.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// LogValue keeps the token out of every log.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// Keys sign links: the first signs, all verify, so that a key can be changed
// without killing the links that are on their way. It prints as "[keys]".
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

// Empty tells whether there is no key.
func (k Keys) Empty() bool { return len(k.keys) == 0 }

// Format keeps the keys out of every message.
func (k Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }

// LogValue keeps the keys out of every log.
func (k Keys) LogValue() slog.Value { return slog.StringValue("[keys]") }

// Derive makes of each key, in their order, another one for a purpose of its own
// (HKDF-SHA-256, RFC 5869): who learns that learns neither these keys nor what
// else is made of them. It panics if more than 8160 bytes are asked for.
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

// Token makes the token of a reset.
func (k Keys) Token(p Purpose, id ID) Token {
	var t Token
	copy(t[:], id[:])
	copy(t[len(id):], mac(k.keys[0], []byte(p), id[:]))
	return t
}

// Verify returns the id in an encoded token, or ErrNoLink. It needs no database.
func (k Keys) Verify(p Purpose, encoded string) (ID, error) {
	// Checked first: the decoder skips line breaks, which would let one link
	// be written in many ways.
	if len(encoded) != tokenChars {
		return ID{}, ErrNoLink
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) != len(Token{}) {
		return ID{}, ErrNoLink
	}
	id := ID(raw[:16])
	for _, key := range k.keys {
		if hmac.Equal(raw[16:], mac(key, []byte(p), id[:])) {
			return id, nil
		}
	}
	return ID{}, ErrNoLink
}

// AccountState is a keyed digest of the account's address and password hash.
// It stands in the reset's row and in sessions: when either changes,
// the link is dead and the session over. Keyed, so that it says nothing of
// the hash.
func (k Keys) AccountState(a Account) string { return accountState(k.keys[0], a) }

// SameState tells whether the account is what it was when state was made, under
// any of the keys.
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

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}
