package password

import "errors"

// record is a stored hash that was read and found within the caps.
type record interface {
	// memoryKiB is what matches takes for a moment.
	memoryKiB() uint32
	// matches compares in constant time. It gets the password as typed: which
	// normal form was hashed differs between formats, and a rule for all of them
	// would lock people out.
	matches(plain string) bool
}

// formats are the ways of writing a hash that can be read, a file each. Each
// answers errForeign for what another one may know.
var formats = []func(stored string) (record, error){
	readArgon2id,
}

var (
	errForeign = errors.New("not of this format")
	errBroken  = errors.New("broken hash")
)

// read returns an error for a hash that can never verify.
func read(stored string) (record, error) {
	for _, readFormat := range formats {
		r, err := readFormat(stored)
		if !errors.Is(err, errForeign) {
			return r, err
		}
	}
	return nil, errForeign
}
