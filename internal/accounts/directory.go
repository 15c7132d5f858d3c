// Package accounts describes where the accounts are: SQL statements (find, get,
// set_password, and optional ones) and a hash format, in TOML. So resets for the users of
// another application need neither code nor a copy of the users. The built-in accounts are
// described in the same form, see presets/builtin.toml. The other presets are for
// applications.
package accounts

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"resetd/internal/password"
)

// Directory holds the statements that find and change accounts. Each runs with
// bound parameters, on PostgreSQL and on SQLite.
type Directory struct {
	Hash       string               `toml:"hash"`          // of new passwords, one of password.Formats
	HashCost   int                  `toml:"hash_cost"`     // see password.Scheme
	HashPrefix string               `toml:"hash_prefix"`   // of bcrypt hashes
	Template   string               `toml:"hash_template"` // the text around a hash in its column, with %s in its place
	Prepare    password.Preparation `toml:"prepare"`       // how a password is changed before it is hashed
	Pepper     bool                 `toml:"pepper"`        // append RESETD_PEPPER to each password, or use it as the key of prepare

	Statements
	MySQL Statements `toml:"mysql"` // those that are different on MariaDB and MySQL

	FindMany  bool `toml:"find_many"`  // find works with text columns in the place of its parameters
	FindNames bool `toml:"find_names"` // find also returns the account whose name is $1

	// EndsSessions means that a reset ends all sessions of the account, by AfterReset
	// or because the application ends them. Pages and emails then state this.
	EndsSessions bool `toml:"ends_sessions"`
}

// Statements are what a directory runs.
type Statements struct {
	Find        Statement   `toml:"find"`         // $1 address as typed, $2 NFKC case-folded, $3 as resetd stores it
	Get         Statement   `toml:"get"`          // $1 id
	SetPassword Statement   `toml:"set_password"` // $1 id, $2 new hash, $3 current hash; and the parts of the new hash, see password.Scheme.Parts
	AfterReset  []Statement `toml:"after_reset"`  // $1 id
	Search      Statement   `toml:"search"`       // $1 part of a name or an address, for the support desk; optional
	Sample      Statement   `toml:"sample"`       // some accounts, for `resetd check`; optional

	// Grants are the privileges that a separate user of the database needs for these
	// statements. Empty: unknown.
	Grants []Grant `toml:"grants"`
}

// Load reads a preset by its name and options, see Preset, or another file by its path.
func Load(name string) (Directory, error) {
	text, err := Preset(name)
	if err != nil && !IsPreset(name) {
		if text, err = os.ReadFile(name); err != nil {
			return Directory{}, fmt.Errorf("accounts: %q is neither a preset nor a file that can be read; `resetd accounts presets` lists the presets", name)
		}
	}
	if err != nil {
		return Directory{}, fmt.Errorf("accounts: %s: %w", name, err)
	}
	d, err := Parse(text)
	if err != nil {
		return Directory{}, fmt.Errorf("accounts: %s: %w", name, err)
	}
	return d, nil
}

// Parse reads a directory; an unknown or missing key is an error that names it.
func Parse(text []byte) (Directory, error) {
	d := Directory{Prepare: password.None}
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&d)
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		return Directory{}, errors.Join(unknownKeys(unknown.Errors), d.check())
	}
	if broken, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, _ := broken.Position()
		return Directory{}, fmt.Errorf("line %d: %s%w", line, of(broken.Key()), err)
	}
	if err != nil {
		return Directory{}, err
	}
	return d, d.check()
}

func unknownKeys(unknown []toml.DecodeError) error {
	var problems []error
	for _, u := range unknown {
		problems = append(problems, fmt.Errorf("unknown key %q", strings.Join(u.Key(), ".")))
	}
	return errors.Join(problems...)
}

// of returns the prefix of an error about a key's value.
func of(key []string) string {
	if len(key) == 0 {
		return ""
	}
	return strings.Join(key, ".") + ": "
}

// Scheme returns the scheme for the passwords of these accounts.
func (d Directory) Scheme(pepper password.Pepper) password.Scheme {
	return password.Scheme{Format: d.Hash, Cost: d.HashCost, Prefix: d.HashPrefix, Template: d.Template, Prepare: d.Prepare, Pepper: pepper}
}

func (d Directory) check() error {
	var problems []error
	if d.Hash == "" {
		problems = append(problems, errors.New("hash is missing"))
	} else {
		problems = append(problems, d.checkScheme())
	}
	problems = append(problems, d.Statements.check(""))
	if on := d.OnMySQL().Statements; !reflect.DeepEqual(on, d.Statements) {
		problems = append(problems, on.check("mysql: "))
	}
	return errors.Join(problems...)
}

func (d Directory) checkScheme() error {
	scheme := d.Scheme("")
	switch err := scheme.Check(); {
	case err != nil:
		return err
	case d.Prepare.NeedsPepper() && !d.Pepper:
		return fmt.Errorf("prepare: %s needs pepper = true, and the application's key in RESETD_PEPPER", d.Prepare)
	case !scheme.HasParts() && d.SetPassword.names(partNames[1:]):
		return fmt.Errorf("set_password: a hash of %s has no parts that a statement can name, except $hash", d.Hash)
	default:
		return nil
	}
}
