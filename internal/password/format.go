package password

import "errors"

// record is a stored hash that was read and found within the caps, or one that
// was made up to cost what a real one costs.
type record interface {
	// String writes it as it is stored.
	String() string
	// name is the format's name in Formats; for bcrypt the prefix follows.
	name() string
	// fits reports whether every byte of a password counts.
	fits(in input) bool
	// withPrefix is the same with another prefix, for formats that have one.
	withPrefix(prefix string) record
	// memoryKiB is what matches and fresh take for a moment.
	memoryKiB() uint32
	// matches compares in constant time.
	matches(in input) bool
	// fresh hashes another password in the same format at the same cost, with a
	// salt of its own, or returns ErrTooLong.
	fresh(in input) (string, error)
	// strong is the same format at the same cost or, where that is less, at the
	// least that OWASP's Password Storage cheat sheet recommends.
	strong() record
}

// input is a password as its format gets it. The pepper comes after it.
type input struct{ text, pepper string }

func (in input) whole() string { return in.text + in.pepper }

// readers are the ways of writing a hash that can be read. Each answers
// errForeign for what another one may know.
var readers = []func(stored string) (record, error){
	readArgon2, readBcrypt, readPBKDF2, readScrypt,
}

var (
	errForeign = errors.New("of no known format")
	errBroken  = errors.New("broken hash")
)

// longestStored is more than any format writes; the columns of the frameworks
// hold 60 to 256 characters.
const longestStored = 512

// read returns an error for a hash that can never verify.
func read(stored string) (record, error) {
	if len(stored) > longestStored {
		return nil, errBroken
	}
	for _, readFormat := range readers {
		r, err := readFormat(stored)
		if errors.Is(err, errForeign) {
			continue
		}
		// Applications compare text: one that is written in another way (signs,
		// leading zeros, other digits) is one that they would not take either.
		if err != nil || r.String() != stored {
			return nil, errBroken
		}
		return r, nil
	}
	return nil, errForeign
}
