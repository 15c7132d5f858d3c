package staff

import (
	"encoding/base32"
)

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
