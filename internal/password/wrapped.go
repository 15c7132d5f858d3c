package password

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// wrapped is a known hash with a text around it, such as {bcrypt}$2a$10$... of Spring
// Security, {CRYPT}$2b$12$... of Dovecot, or 3|$argon2id$... of Nextcloud.
type wrapped struct {
	storedHash
	before, after string
}

// wrappers are the texts before a hash that are recognised without hash_template.
var wrappers = regexp.MustCompile(`^(?:\{[A-Za-z0-9@._-]{1,64}\}|[0-9]\|)`)

func (w wrapped) String() string { return w.before + w.storedHash.String() + w.after }

func (w wrapped) name() string { return w.before + w.storedHash.name() + w.after }

func (w wrapped) fresh(in input) (string, error) {
	text, err := w.storedHash.fresh(in)
	return w.before + text + w.after, err
}

func (w wrapped) strong() storedHash {
	w.storedHash = w.storedHash.strong()
	return w
}

// unwrap returns a hash without the text around it.
func unwrap(r storedHash) storedHash {
	if w, is := r.(wrapped); is {
		return w.storedHash
	}
	return r
}

// wrap puts the scheme's template around a hash.
func (s Scheme) wrap(r storedHash) storedHash {
	before, after, _ := strings.Cut(s.Template, templateHash)
	if s.Template == "" {
		return r
	}
	return wrapped{unwrap(r), before, after}
}

// templateHash stands for the hash in a template.
const templateHash = "%s"

func (s Scheme) checkTemplate() error {
	if s.Template != "" && strings.Count(s.Template, templateHash) != 1 {
		return fmt.Errorf("hash_template: %q must contain %%s once, in the place of the hash", s.Template)
	}
	return nil
}

// read parses a stored hash, with or without the template. A hash without it may be
// older than the template. PostgreSQL's char(n) returns blanks after it.
func (s Scheme) read(stored string) (storedHash, error) {
	stored = strings.TrimRight(stored, " ")
	before, after, _ := strings.Cut(s.Template, templateHash)
	inner := strings.TrimSuffix(strings.TrimPrefix(stored, before), after)
	if s.Template != "" && before+inner+after == stored {
		r, err := read(inner)
		return wrapped{r, before, after}, err
	}
	return read(stored)
}

// readWrapped reads a hash behind one of the wrappers.
func readWrapped(stored string) (storedHash, error) {
	before := wrappers.FindString(stored)
	if before == "" {
		return nil, errForeign
	}
	r, err := readUnwrapped(stored[len(before):])
	return wrapped{r, before, ""}, err
}

// readOnly is embedded in the formats that are recognised, and never written.
type readOnly struct{}

var errReadOnly = errors.New("hashes of this format are only read; name the format of new hashes in hash")

func (readOnly) fresh(input) (string, error) { return "", errReadOnly }

func (readOnly) onlyRead() bool { return true }

func onlyRead(r storedHash) bool {
	marked, is := unwrap(r).(interface{ onlyRead() bool })
	return is && marked.onlyRead()
}
