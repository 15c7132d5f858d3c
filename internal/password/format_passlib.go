package password

import (
	"encoding/base64"
	"fmt"
	"strings"
)

var _ = register(
	format{name: "passlib-pbkdf2-sha512", minCost: 160_000, defaultCost: 220_000, read: readPasslib, model: newDerived(passlib, "sha512", 64)},
	format{name: "passlib-pbkdf2-sha256", minCost: 600_000, defaultCost: 600_000, read: readPasslib, model: newDerived(passlib, "sha256", 32)},
)

// passlib is the form of Python's passlib (Odoo, ERPNext) and Elixir's pbkdf2_elixir
// (Phoenix): $pbkdf2-sha512$220000$salt$key, in base64 with . in place of + and without
// padding. $pbkdf2$ means SHA-1.
var passlib = &derivedForm{name: "passlib-pbkdf2-", write: func(d derivedKey) string {
	digest := "-" + d.digest
	if d.digest == "sha1" {
		digest = ""
	}
	return fmt.Sprintf("$pbkdf2%s$%d$%s$%s", digest, d.iterations, passlibBase64.EncodeToString(d.salt), passlibBase64.EncodeToString(d.key))
}}

var passlibBase64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding).Strict()

func readPasslib(stored string) (storedHash, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 5 || parts[0] != "" || !strings.HasPrefix(parts[1], "pbkdf2") {
		return nil, errForeign
	}
	digest := strings.TrimPrefix(strings.TrimPrefix(parts[1], "pbkdf2"), "-")
	if parts[1] == "pbkdf2" {
		digest = "sha1"
	}
	if _, known := digests[digest]; !known {
		return nil, errForeign
	}
	return passlib.read(digest, parts[2], parts[3], parts[4], passlibBase64.DecodeString)
}
