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
	record
	before, after string
}

// wrappers are the texts before a hash that are recognised without hash_template.
var wrappers = regexp.MustCompile(`^(?:\{[A-Za-z0-9@._-]{1,64}\}|[0-9]\|)`)

func (w wrapped) String() string { return w.before + w.record.String() + w.after }

func (w wrapped) name() string { return w.before + w.record.name() + w.after }

func (w wrapped) fresh(in input) (string, error) {
	text, err := w.record.fresh(in)
	return w.before + text + w.after, err
}

func (w wrapped) strong() record {
	w.record = w.record.strong()
	return w
}

// bare returns a hash without the text around it.
func bare(r record) record {
	if w, is := r.(wrapped); is {
		return w.record
	}
	return r
}

// wrap puts the scheme's template around a hash.
func (s Scheme) wrap(r record) record {
	before, after, _ := strings.Cut(s.Template, templateHash)
	if s.Template == "" {
		return r
	}
	return wrapped{bare(r), before, after}
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
func (s Scheme) read(stored string) (record, error) {
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
func readWrapped(stored string) (record, error) {
	before := wrappers.FindString(stored)
	if before == "" {
		return nil, errForeign
	}
	r, err := readBare(stored[len(before):])
	return wrapped{r, before, ""}, err
}

// readOnly is embedded in the formats that are recognised, and never written.
type readOnly struct{}

var errReadOnly = errors.New("hashes of this format are only read; name the format of new hashes in hash")

func (readOnly) fresh(input) (string, error) { return "", errReadOnly }

func (readOnly) onlyRead() {}

// OnlyReads reports whether a stored hash is of a format that resetd never writes.
func (s Scheme) OnlyReads(stored string) bool {
	r, err := s.read(stored)
	return err == nil && onlyRead(r)
}

func onlyRead(r record) bool {
	_, is := bare(r).(interface{ onlyRead() })
	return is
}
