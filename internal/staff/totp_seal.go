package staff

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"

	"resetd/internal/reset"
)

// sealKeyBytes chooses AES-256.
const sealKeyBytes = 32

var errSealed = errors.New("TOTP secret is sealed under another key, or for another member")

// sealer encrypts the TOTP secrets in the database with AES-256-GCM and a random
// nonce (NIST SP 800-38D, section 8.2.2). The first key encrypts and all keys
// decrypt. The member's id is authenticated too, so an attacker who can write to the
// database can't copy a secret to another member.
type sealer struct{ aeads []cipher.AEAD }

func newSealer(keys reset.Keys, purpose string) (s sealer, err error) {
	for _, key := range keys.Derive(purpose, sealKeyBytes) {
		block, err := aes.NewCipher(key)
		if err != nil {
			return sealer{}, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return sealer{}, err
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, nil
}

func (s sealer) seal(id reset.ID, secret string) string {
	return base64.RawStdEncoding.EncodeToString(s.aeads[0].Seal(nil, nil, []byte(secret), id[:])) //nolint:gosec // the AEAD makes the nonce
}

// open returns the secret, and the secret sealed under the first key: unchanged, or
// sealed again if an older key had sealed it.
func (s sealer) open(id reset.ID, sealed string) (secret, present string, err error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", "", errSealed
	}
	for i, aead := range s.aeads {
		opened, err := aead.Open(nil, nil, raw, id[:])
		switch {
		case err != nil:
		case i > 0:
			return string(opened), s.seal(id, string(opened)), nil
		default:
			return string(opened), sealed, nil
		}
	}
	return "", "", errSealed
}
