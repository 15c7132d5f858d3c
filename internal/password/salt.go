package password

import "crypto/rand"

// Lengths of the salts that applications write: letters and digits, the text of
// which is the salt.
const (
	djangoSalt   = 22 // 128 bits, django.contrib.auth.hashers.BasePasswordHasher
	werkzeugSalt = 16 // werkzeug.security.DEFAULT_SALT_LENGTH
	// maxTextSalt is more than any of them takes.
	maxTextSalt = 128
)

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// alphanumeric is random letters and digits, each as likely as any other.
func alphanumeric(n int) string { return randomText(n, letters) }

// randomText is made of up to 64 characters.
func randomText(n int, alphabet string) string {
	text := make([]byte, 0, n)
	for len(text) < n {
		var b [64]byte
		rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		for _, x := range b {
			if i := int(x & 63); i < len(alphabet) && len(text) < n {
				text = append(text, alphabet[i])
			}
		}
	}
	return string(text)
}
