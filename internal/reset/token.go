package reset

import (
	"crypto/hmac"
	"encoding/base32"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"github.com/google/uuid"
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
// stick to the end of a copied link, and without a query or a tag that follows it.
func Clean(token string) string {
	if i := strings.IndexAny(token, "?&#<>\"'"); i >= 0 {
		token = token[:i] // some programs add utm_source=... with & alone
	}
	return strings.ToLower(stuck.ReplaceAllString(token, ""))
}

// Cut reports whether a token that was sent is shorter than every token.
func Cut(token string) bool { return len(Clean(token)) < tokenChars }

// stuck matches what is neither a letter nor a digit at the end of a link, and the = of a
// soft line break, which may be escaped, or an escaped blank or line end (RFC 2045, section
// 6.7); several of these would be padding.
var stuck = regexp.MustCompile(`(?:[^\p{L}\p{N}=]*=(?i:3D|20|0D|0A|0D=0A)?|[^\p{L}\p{N}=]+)$`)

// Format keeps the token out of every message.
func (t Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// LogValue keeps the token out of every log.
func (t Token) LogValue() slog.Value { return slog.StringValue("[token]") }

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
	if len(clean) != tokenChars {
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

// longRun matches a text in which a token may be: a link in a URL's query is encoded, so
// other letters may stick to it.
var longRun = regexp.MustCompile(`[A-Za-z2-7]{52,}`)

// NameTokens replaces each token in a text by the id in it. People paste whole links
// into search boxes and notes. What is kept of these must not open an account.
func NameTokens(text string) string {
	return longRun.ReplaceAllStringFunc(text, func(run string) string {
		for i := 0; i+tokenChars <= len(run); i++ {
			if t, ok := decoded(strings.ToLower(run[i : i+tokenChars])); ok && random(t.id()) {
				return run[:i] + t.id().String() + NameTokens(run[i+tokenChars:])
			}
		}
		return run
	})
}

// random reports whether an id is one of ours. Of 1,000 other texts as long as a token, one
// passes for it.
func random(id ID) bool { return id.Version() == 4 && id.Variant() == uuid.RFC4122 }
