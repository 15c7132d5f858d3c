package password

import (
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// packed is the list of NOTICE: folded, sorted, a password a line, gzip. To make
// it anew, unpack that package and set PASSWORDS to its src/passwords.json.
//
//go:generate go run makeblocklist.go $PASSWORDS blocklist.txt.gz
//go:embed blocklist.txt.gz
var packed string

// blocklist stays packed until it is needed: unpacking takes 3 ms. A sorted text
// that is searched where it lies takes its own 380 KiB and answers in a
// microsecond; a map of its 49,233 lines would take 2.2 MiB more.
var blocklist = sync.OnceValue(func() string { return unpack(packed) })

// common reports whether a password is on the blocklist, ignoring case and
// compatibility forms.
func common(plain string) bool {
	return holds(blocklist(), fold(plain))
}

// holds searches a sorted text for a line.
func holds(text, line string) bool {
	for text != "" {
		start := strings.LastIndexByte(text[:len(text)/2], '\n') + 1
		middle, after, _ := strings.Cut(text[start:], "\n")
		switch strings.Compare(line, middle) {
		case 0:
			return true
		case -1:
			text = text[:start]
		case 1:
			text = after
		}
	}
	return false
}

// fold makes compatible forms and both cases alike: NFKC, then full case folding
// (Unicode Standard, section 3.13).
func fold(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// unpack panics on damage, which only a broken build can bring about.
func unpack(gz string) string {
	r, err := gzip.NewReader(strings.NewReader(gz))
	if err != nil {
		panic(fmt.Errorf("password: blocklist: %w", err))
	}
	var text strings.Builder
	size := gz[len(gz)-4:] // of the text (RFC 1952, section 2.3.1)
	text.Grow(int(binary.LittleEndian.Uint32([]byte(size))))
	if _, err := io.Copy(&text, r); err != nil { //nolint:gosec // no bomb: the file is ours
		panic(fmt.Errorf("password: blocklist: %w", err))
	}
	return text.String()
}
