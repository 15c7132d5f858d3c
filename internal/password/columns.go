package password

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

var _ = register(columnsFormat("sha256", 600_000), columnsFormat("sha512", 220_000))

func columnsFormat(digest string, cost int) format {
	return format{name: "columns-pbkdf2-" + digest, minCost: 1, defaultCost: cost, read: readColumns, fresh: func(_ Params, n int, _ string) record {
		return columnsHash{newDerivedKey(digest, n, digests[digest].make().Size())}
	}}
}

// columnsHash is resetd's own form for applications that keep salt, key and
// iterations of PBKDF2 in columns (Gitea, Discourse): a statement joins them to
// pbkdf2-sha256:50000:salt:key, in hexadecimal digits, and set_password names the parts
// of a new hash.
type columnsHash struct{ derivedKey }

func (c columnsHash) name() string { return "columns-pbkdf2-" + c.digest }

func (c columnsHash) fresh(in input) (string, error) {
	key, err := c.again(in)
	return columnsHash{key}.String(), err
}

// strong does not change the cost, because the application may have a fixed one.
func (c columnsHash) strong() record { return c }

func (c columnsHash) String() string {
	return fmt.Sprintf("pbkdf2-%s:%d:%s:%s", c.digest, c.iterations, hex.EncodeToString(c.salt), hex.EncodeToString(c.key))
}

func readColumns(stored string) (record, error) {
	parts := strings.Split(stored, ":")
	digest, is := strings.CutPrefix(parts[0], "pbkdf2-")
	if !is || len(parts) != 4 {
		return nil, errForeign
	}
	c := columnsHash{derivedKey{digest: digest}}
	var errs [3]error
	c.iterations, errs[0] = strconv.Atoi(parts[1])
	c.salt, errs[1] = hex.DecodeString(parts[2])
	c.key, errs[2] = hex.DecodeString(parts[3])
	if errs != [3]error{} {
		return nil, errBroken
	}
	return c, c.check()
}
