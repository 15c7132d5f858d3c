package password

import "errors"

// storedHash is a stored hash within the caps, or a dummy that costs as much as a real
// hash.
type storedHash interface {
	// String returns the stored form.
	String() string
	// name is the format's name in Formats; for bcrypt the prefix follows.
	name() string
	// memoryKiB is how much memory matches and fresh take while they run.
	memoryKiB() uint32
	// matches compares in constant time.
	matches(in input) bool
	// fresh hashes another password in the same format, with the same cost and a
	// new salt, or returns ErrTooLong.
	fresh(in input) (string, error)
	// strong returns a hash in the same format. Its cost is the same or, if that is
	// higher, the minimum of OWASP's Password Storage cheat sheet.
	strong() storedHash
}

// input is a prepared password. The pepper is appended to it.
type input struct {
	text, pepper string
	digest       bool // the text is a digest of the password, so its beginning is enough
}

func (in input) whole() string { return in.text + in.pepper }

var (
	errForeign = errors.New("unknown format")
	errBroken  = errors.New("broken hash")
)

// longestStored is more than the length of any format. The columns of the frameworks
// have 60 to 256 characters; two of Payload together have 1089.
const longestStored = 1100

// read returns an error for a hash that can never verify.
func read(stored string) (storedHash, error) {
	r, err := readUnwrapped(stored)
	if errors.Is(err, errForeign) {
		return readWrapped(stored)
	}
	return r, err
}

func readUnwrapped(stored string) (storedHash, error) {
	if len(stored) > longestStored {
		return nil, errBroken
	}
	for _, f := range formats {
		r, err := f.read(stored)
		if errors.Is(err, errForeign) {
			continue
		}
		// Applications compare text, so they also refuse a hash in another spelling
		// (signs, leading zeros, other digits).
		if err != nil || r.String() != stored {
			return nil, errBroken
		}
		return r, nil
	}
	return nil, errForeign
}
