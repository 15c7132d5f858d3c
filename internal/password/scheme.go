package password

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// Scheme describes how the application that verifies the passwords hashes them. The
// zero Scheme is resetd's own.
type Scheme struct {
	Format  string      // of new hashes, one of Formats
	Cost    int         // bcrypt's rounds, PBKDF2's iterations, scrypt's N; 0: the application's default
	Prefix  string      // of new bcrypt hashes; "": $2b$ or, with Match, the prefix of the present hash
	Prepare Preparation // how a password is changed first
	Pepper  Pepper      // appended to the prepared password, or the key of FlaskSecurity

	Template string // the text around a hash, with %s in its place; "": none
}

// Own is the scheme of the built-in accounts. It hashes the NFC form (RFC 8265,
// section 4.2.2), because keyboards produce different bytes for the same text.
var Own = Scheme{Format: kindID, Prepare: NFC}

// Match is the format for hashes in the format and with the cost of the account's
// present hash, but never weaker than OWASP's minimum.
const Match = "match"

// Check returns an error if a field of the scheme is invalid.
func (s Scheme) Check() error {
	if s.Prefix != "" && !knownPrefix(s.Prefix) {
		return fmt.Errorf("hash_prefix: %q is not one of $2a$, $2b$, $2y$", s.Prefix)
	}
	if s.Prefix != "" && s.Format != bcryptFormat && s.Format != Match {
		return fmt.Errorf("hash_prefix: %s has none", s.Format)
	}
	if _, known := preparations[s.Prepare]; !known {
		return fmt.Errorf("prepare: %q is not one of %s", string(s.Prepare), strings.Join(Preparations(), ", "))
	}
	if err := s.checkTemplate(); err != nil {
		return err
	}
	return s.checkCost()
}

func (s Scheme) checkCost() error {
	if s.Format == Match {
		return noCost(s)
	}
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == s.Format && f.name != "" })
	switch {
	case i < 0:
		return fmt.Errorf("hash: %q is not one of %s", s.Format, strings.Join(Formats(), ", "))
	case formats[i].minCost == 0:
		return noCost(s)
	case s.Cost == 0:
		return nil
	case s.Cost < formats[i].minCost:
		return fmt.Errorf("hash_cost: %d is less than %d", s.Cost, formats[i].minCost)
	}
	if _, err := s.read(s.template(OWASP).String()); err != nil {
		return fmt.Errorf("hash_cost: %d is %s", s.Cost, whyNot(s.Cost, formats[i].minCost))
	}
	return nil
}

func noCost(s Scheme) error {
	if s.Cost != 0 {
		return fmt.Errorf("hash_cost: %s has none", s.Format)
	}
	return nil
}

// whyNot explains why a cost is refused. N of scrypt must be a power of two (RFC 7914,
// section 2).
func whyNot(cost, least int) string {
	if bits.OnesCount(uint(least)) == 1 && bits.OnesCount(uint(cost)) != 1 {
		return "not a power of two"
	}
	return "too much"
}

// template returns a model of new hashes; own are the parameters of resetd's own
// scheme. With Match the model replaces a hash that can't be read.
func (s Scheme) template(own Params) storedHash {
	for _, f := range formats {
		if f.name != s.Format || f.name == "" {
			continue
		}
		cost, prefix := s.Cost, s.Prefix
		if cost == 0 {
			cost = f.defaultCost
		}
		if prefix == "" {
			prefix = defaultPrefix
		}
		return s.wrap(f.model(own, cost, prefix))
	}
	return newArgon2("", own)
}

// like returns a model for the hash that replaces the present one, or errUnmatched.
func (s Scheme) like(present string) (storedHash, error) {
	stored, err := s.read(present)
	if err != nil || onlyRead(stored) {
		return nil, errUnmatched
	}
	next := s.wrap(stored.strong())
	w, isWrapped := next.(wrapped)
	b, isBcrypt := unwrap(next).(bcryptHash)
	if !isBcrypt || s.Prefix == "" {
		return next, nil
	}
	if isWrapped {
		w.storedHash = b.withPrefix(s.Prefix)
		return w, nil
	}
	return b.withPrefix(s.Prefix), nil
}

func (s Scheme) input(plain string) input {
	prepare, known := preparations[s.Prepare]
	if !known { // the zero Scheme
		prepare = preparations[None]
	}
	return prepare(plain, string(s.Pepper))
}

// errUnmatched: Match needs a present hash of a known format.
var errUnmatched = errors.New("the account's hash has an unknown format, so no new hash can match it")
