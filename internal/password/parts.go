package password

import (
	"encoding/base64"
	"encoding/hex"
)

// Parts returns the values that statements may name for a hash: the whole hash, and
// salt, key and iterations if the format has them. Applications keep them in separate
// columns.
func (s Scheme) Parts(hash string) map[string]any {
	parts := map[string]any{"$hash": hash}
	r, err := s.read(hash)
	if err != nil {
		return parts
	}
	divided, ok := bare(r).(interface {
		parts() (salt, key []byte, iterations int)
	})
	if !ok {
		return parts
	}
	salt, key, iterations := divided.parts()
	parts["$salt_hex"], parts["$salt_base64"] = hex.EncodeToString(salt), base64.StdEncoding.EncodeToString(salt)
	parts["$key_hex"], parts["$key_base64"] = hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key)
	parts["$iterations"] = iterations
	return parts
}

// HasParts reports whether new hashes of the scheme have a salt and a key that
// statements can name. With Match that depends on the account.
func (s Scheme) HasParts() bool {
	return s.Format == Match || len(s.Parts(s.template(OWASP).String())) > 1
}
