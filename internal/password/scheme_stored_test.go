package password_test

import (
	"testing"

	"resetd/internal/password"
)

func TestDescribe(t *testing.T) {
	for want, stored := range map[string]string{
		"django-pbkdf2-sha256": "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$JwK+Glss1XcTn6e1jnFc4uyEf4xQKYcRJH4Zxdyq5cM=",
		"django-bcrypt-sha256": "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuux3Do8//fyUdXOVqk9ToTfOSsQYe38ta",
		"werkzeug-pbkdf2":      "pbkdf2:sha256:260000$abcdefghijklmnop$fa6d60bb8c9eb93f7b02b07043bef295ea2f2412c0085d48d3162ee7bdd8ae43",
		"werkzeug-scrypt":      "scrypt:16384:8:1$abcdefghijklmnop$ecada9d5279650892f3787cc8ace9864a2b4faf189818da90eec20e73584f365c465516d5cf91ba743d00a182aded1756484005612acffc0ec3ff5c3f94ec40b",
		"bcrypt $2y$":          "$2y$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
		"":                     "!",
	} {
		if got := password.Own.Describe(stored); got != want {
			t.Errorf("%s: got %q, want %q", stored, got, want)
		}
	}
}

// Writes must describe a new hash in the same words as Describe.
func TestWritesMatchesDescribe(t *testing.T) {
	for _, name := range password.Formats() {
		want := map[string]string{"bcrypt": "bcrypt $2b$", "match": ""}
		if _, special := want[name]; !special {
			want[name] = name
		}
		if got := (password.Scheme{Format: name}).Writes(""); got != want[name] {
			t.Errorf("%s: got %q, want %q", name, got, want[name])
		}
	}
	php := password.Scheme{Format: password.Match, Prefix: "$2y$"}
	if got := php.Writes("$2b$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu"); got != "bcrypt $2y$" {
		t.Errorf("got %q", got)
	}
}
