package password

import (
	"encoding/hex"
	"fmt"
	"strings"
)

var _ = register(
	format{name: "columns-pbkdf2-sha256", minCost: 1, defaultCost: 600_000, read: readColumns, model: newDerived(columns, "sha256", 32)},
	format{name: "columns-pbkdf2-sha512", minCost: 1, defaultCost: 220_000, read: readColumns, model: newDerived(columns, "sha512", 64)},
)

// columns is resetd's own form for applications that keep salt, key and iterations of
// PBKDF2 in columns (Gitea, Discourse): a statement joins them to
// pbkdf2-sha256:50000:salt:key, in hexadecimal digits, and set_password names the parts
// of a new hash. The application may have a fixed cost.
var columns = &derivedForm{name: "columns-pbkdf2-", fixed: true, write: func(d derivedKey) string {
	return fmt.Sprintf("pbkdf2-%s:%d:%s:%s", d.digest, d.iterations, hex.EncodeToString(d.salt), hex.EncodeToString(d.key))
}}

func readColumns(stored string) (storedHash, error) {
	parts := strings.Split(stored, ":")
	digest, is := strings.CutPrefix(parts[0], "pbkdf2-")
	if !is || len(parts) != 4 {
		return nil, errForeign
	}
	return columns.read(digest, parts[1], parts[2], parts[3], hex.DecodeString)
}
