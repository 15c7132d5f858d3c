package password

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

var _ = register(
	format{name: "passlib-pbkdf2-sha512", minCost: 160_000, defaultCost: 220_000, read: readPasslib, fresh: newPasslib("sha512", 64)},
	format{name: "passlib-pbkdf2-sha256", minCost: 600_000, defaultCost: 600_000, read: readPasslib, fresh: newPasslib("sha256", 32)},
)

// passlibHash is a hash of Python's passlib (Odoo, ERPNext) and Elixir's
// pbkdf2_elixir (Phoenix): $pbkdf2-sha512$220000$salt$key, in base64 with . in place of
// + and without padding. $pbkdf2$ means SHA-1.
type passlibHash struct{ derivedKey }

func newPasslib(digest string, size int) func(Params, int, string) record {
	return func(_ Params, n int, _ string) record { return passlibHash{newDerivedKey(digest, n, size)} }
}

var passlibBase64 = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding).Strict()

func (p passlibHash) name() string { return "passlib-pbkdf2-" + p.digest }

func (p passlibHash) fresh(in input) (string, error) {
	key, err := p.again(in)
	return passlibHash{key}.String(), err
}

func (p passlibHash) strong() record { return passlibHash{p.raised()} }

func (p passlibHash) String() string {
	digest := "-" + p.digest
	if p.digest == "sha1" {
		digest = ""
	}
	return fmt.Sprintf("$pbkdf2%s$%d$%s$%s", digest, p.iterations, passlibBase64.EncodeToString(p.salt), passlibBase64.EncodeToString(p.key))
}

func readPasslib(stored string) (record, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 5 || parts[0] != "" || !strings.HasPrefix(parts[1], "pbkdf2") {
		return nil, errForeign
	}
	p := passlibHash{derivedKey{digest: strings.TrimPrefix(strings.TrimPrefix(parts[1], "pbkdf2"), "-")}}
	if parts[1] == "pbkdf2" {
		p.digest = "sha1"
	}
	if _, known := digests[p.digest]; !known {
		return nil, errForeign
	}
	var errs [3]error
	p.iterations, errs[0] = strconv.Atoi(parts[2])
	p.salt, errs[1] = passlibBase64.DecodeString(parts[3])
	p.key, errs[2] = passlibBase64.DecodeString(parts[4])
	if errs != [3]error{} {
		return nil, errBroken
	}
	return p, p.check()
}
