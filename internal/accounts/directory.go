// Package accounts describes where the accounts are: four SQL statements and a
// hash format, in TOML. Resets for an application's own users then need no code
// and no copy of its users. The accounts that resetd keeps itself are described
// in the same form, see presets/builtin.toml.
package accounts

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Builtin is the preset of the accounts that resetd keeps itself.
const Builtin = "builtin"

//go:embed presets/*.toml
var presets embed.FS

// formats are the password hash formats that can be written.
var formats = []string{"argon2id"}

// Directory is the statements that find and change accounts. Each runs with
// bound parameters, on PostgreSQL and on SQLite.
type Directory struct {
	Hash        string      `toml:"hash"`
	Find        Statement   `toml:"find"`         // $1 address as typed, $2 NFKC case-folded, $3 as resetd stores it
	Get         Statement   `toml:"get"`          // $1 id
	SetPassword Statement   `toml:"set_password"` // $1 id, $2 new hash, $3 present hash
	AfterReset  []Statement `toml:"after_reset"`  // $1 id
}

// Load reads a preset by its name, or a file of one's own by its path.
func Load(name string) (Directory, error) {
	text, err := presets.ReadFile("presets/" + name + ".toml")
	if err != nil {
		if text, err = os.ReadFile(name); err != nil {
			return Directory{}, fmt.Errorf("accounts: %q is neither a preset nor a file that can be read", name)
		}
	}
	d, err := Parse(text)
	if err != nil {
		return Directory{}, fmt.Errorf("accounts: %s: %w", name, err)
	}
	return d, nil
}

// Parse reads a directory; an unknown or missing key is an error that names it.
func Parse(text []byte) (Directory, error) {
	var d Directory
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&d)
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		return Directory{}, fmt.Errorf("unknown key %q", strings.Join(unknown.Errors[0].Key(), "."))
	}
	if err != nil {
		return Directory{}, err
	}
	return d, d.check()
}

func (d Directory) check() error {
	var problems []error
	if d.Hash == "" {
		problems = append(problems, errors.New("hash is missing"))
	} else if !slices.Contains(formats, d.Hash) {
		problems = append(problems, fmt.Errorf("hash: %q is none of %s", d.Hash, strings.Join(formats, ", ")))
	}
	problems = append(problems, d.Find.check("find", 3), d.Get.check("get", 1), d.SetPassword.check("set_password", 3))
	for i, s := range d.AfterReset {
		problems = append(problems, s.check(fmt.Sprintf("after_reset, statement %d", i+1), 1))
	}
	return errors.Join(problems...)
}
