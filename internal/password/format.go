package password

import "slices"

// format is a format of hashes. read parses a stored hash, or returns errForeign for
// another format. model returns a hash with a given cost that no password matches; new hashes
// are made like it, see storedHash.fresh.
type format struct {
	name        string
	minCost     int // the smaller of OWASP's minimum and the application's default; 0 if the format has no cost
	defaultCost int // the application's default
	read        func(stored string) (storedHash, error)
	model       func(p Params, cost int, prefix string) storedHash
}

// formats are all formats. Each file registers its own. A stored hash is of one format
// at most, so their order does not matter.
var formats []format

// register adds formats. One without a name is only read. It returns a value, so that it
// can be called where variables are declared.
func register(some ...format) bool { //nolint:unparam // see above
	formats = append(formats, some...)
	return true
}

// Formats returns the possible names of Scheme.Format.
func Formats() []string {
	var names []string
	for _, f := range formats {
		if f.name != "" {
			names = append(names, f.name)
		}
	}
	slices.Sort(names)
	return append(names, Match)
}
