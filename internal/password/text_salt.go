package password

import "crypto/rand"

// The lengths of the applications' salts, which are texts of letters and digits.
const (
	djangoSalt   = 22 // 128 bits, django.contrib.auth.hashers.BasePasswordHasher
	werkzeugSalt = 16 // werkzeug.security.DEFAULT_SALT_LENGTH
	// maxTextSalt is more than any application uses.
	maxTextSalt = 128
)

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// textSalt returns a new salt as Django or werkzeug makes it.
func textSalt(django bool) string {
	if django {
		return randomText(djangoSalt, letters)
	}
	return randomText(werkzeugSalt, letters)
}

// randomText returns n random characters of an alphabet with up to 64 characters, all
// with the same probability.
func randomText(n int, alphabet string) string {
	text := make([]byte, 0, n)
	for len(text) < n {
		var b [64]byte
		rand.Read(b[:]) // never fails: crypto/rand crashes the program instead
		for _, x := range b {
			if i := int(x & 63); i < len(alphabet) && len(text) < n {
				text = append(text, alphabet[i])
			}
		}
	}
	return string(text)
}
