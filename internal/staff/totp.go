package staff

import (
	"encoding/base32"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// The defaults of authenticator apps (RFC 6238, section 4: steps of 30 s; RFC 4226,
// section 5.3: six digits; HMAC-SHA-1).
const (
	stepSeconds = 30
	secretBytes = 20 // as long as the digest (RFC 4226, section 4, R6)
	// skew is how many steps before and after the current one are accepted, because
	// clocks differ and people type slowly (RFC 6238, section 5.2).
	skew = 1
)

var codes = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// nobodysSecret replaces a secret that does not exist, so the check costs the same.
const nobodysSecret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Secret is a new TOTP secret, to be shown once. It prints as "[TOTP secret]"
// with every verb.
type Secret struct{ text, link string }

// Text returns the secret for typing into an authenticator app: base32 (RFC 4648,
// section 6).
func (s Secret) Text() string { return s.text }

// Link returns the secret as an otpauth: link, which apps read as a QR code.
func (s Secret) Link() string { return s.link }

// Format keeps the secret out of every message.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[TOTP secret]") }

// LogValue keeps the secret out of every log.
func (s Secret) LogValue() slog.Value { return slog.StringValue("[TOTP secret]") }

// Groups returns the secret in groups of four, which are easier to type.
func (s Secret) Groups() []string {
	var groups []string
	for part := range slices.Chunk([]byte(s.text), 4) {
		groups = append(groups, string(part))
	}
	return groups
}

// newSecret returns a new secret.
func newSecret(site, name string) (Secret, error) { return secretOf(site, name, nil) }

// secretOf returns the secret with these bytes, or a new one if there are none. It
// replaces colons in the site's name, because a colon ends the name in the link.
func secretOf(site, name string, raw []byte) (Secret, error) {
	key, err := totp.Generate(totp.GenerateOpts{
		Secret: raw, Issuer: strings.ReplaceAll(site, ":", " "), AccountName: name,
		Period: stepSeconds, SecretSize: secretBytes, Digits: codes.Digits, Algorithm: codes.Algorithm,
	})
	if err != nil {
		return Secret{}, fmt.Errorf("make a TOTP secret: %w", err)
	}
	return Secret{key.Secret(), key.URL()}, nil
}

// stepOf returns the time step of a code. It always checks all accepted steps, and
// compares in constant time for every code of six characters.
func stepOf(secret, code string, now time.Time) (step int64, right bool) {
	code = strings.ReplaceAll(code, " ", "") // apps show the code in two groups
	present := now.Unix() / stepSeconds
	for s := present - skew; s <= present+skew; s++ {
		if fits, err := hotp.ValidateCustom(code, uint64(s), secret, codes); err == nil && fits {
			step, right = s, true
		}
	}
	return step, right
}

// Setup is a TOTP secret that a member is about to confirm with a code. The page shows
// the secret, and its form returns it sealed, so nothing is stored before.
type Setup struct {
	Secret
	Sealed string
}

// NewSetup returns a new secret for a member.
func (s *Service) NewSetup(m Member) (Setup, error) {
	secret, err := newSecret(s.site, m.Name)
	return Setup{secret, s.setups.seal(m.ID, secret.text)}, err
}

// OpenSetup returns the secret in a member's form, or ErrSetup.
func (s *Service) OpenSetup(m Member, sealed string) (Setup, error) {
	text, _, err := s.setups.open(m.ID, sealed)
	if err != nil {
		return Setup{}, ErrSetup
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil {
		return Setup{}, ErrSetup
	}
	secret, err := secretOf(s.site, m.Name, raw)
	return Setup{secret, sealed}, err
}
