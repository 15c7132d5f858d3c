//go:build integrations

package integrations

import (
	"os/exec"
	"strings"
	"testing"

	"resetd/internal/password"
)

// The libraries that make these formats accept resetd's hashes. Applications of the other
// formats are tested as a whole.
func TestLibrariesAcceptTheHashes(t *testing.T) {
	const plain = "it's ﬁve \u5bc6\u7801 cafe\u0301s"
	for script, schemes := range map[string][]password.Scheme{
		"passlib_verify.py": {
			{Format: "passlib-pbkdf2-sha512", Prepare: password.None},
			{Format: "passlib-pbkdf2-sha256", Prepare: password.None},
			{Format: "bcrypt", Prepare: password.None},
			{Format: "argon2id", Prepare: password.None},
		},
		"flask_security_verify.py": {
			{Format: "bcrypt", Prepare: password.FlaskSecurity, Pepper: "the salt"}, {Format: "argon2id", Prepare: password.FlaskSecurity, Pepper: "the salt"},
		},
	} {
		lines := []string{plain}
		for _, s := range schemes {
			h, err := password.NewHasher(password.Config{Params: password.OWASP, Scheme: s})
			if err != nil {
				t.Fatal(err)
			}
			hash, err := h.Hash(t.Context(), password.ForReset, plain)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, hash)
		}
		cmd := exec.CommandContext(t.Context(), "/usr/bin/python3", "testdata/hashes/"+script)
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n"))
		out, err := cmd.CombinedOutput()
		if want := strings.Repeat("True False\n", len(schemes)); err != nil || string(out) != want {
			t.Errorf("%s: %v, got\n%swant\n%s", script, err, out, want)
		}
	}
}
