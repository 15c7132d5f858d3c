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

// packed is the list that NOTICE names: folded, sorted, one password per line, gzip.
// To build it again, unpack that package and set PASSWORDS to its src/passwords.json.
//
//go:generate go run makeblocklist.go $PASSWORDS blocklist.txt.gz
//go:embed blocklist.txt.gz
var packed string

// blocklist is unpacked at its first use, which takes 3 ms. It is a sorted text with
// binary search: it takes 380 KiB and a look-up takes a microsecond. A map of its
// 49,233 lines would take 2.2 MiB more.
var blocklist = sync.OnceValue(func() string { return unpack(packed) })

// common reports whether a password is on the blocklist, ignoring case and
// compatibility forms.
func common(plain string) bool {
	return holds(blocklist(), fold(plain))
}

// holds reports whether a sorted text contains a line.
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

// fold returns the same text for compatible forms and for both cases: NFKC, then
// full case folding (Unicode Standard, section 3.13).
func fold(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// unpack panics if the data is damaged, which only a broken build can cause.
func unpack(gz string) string {
	r, err := gzip.NewReader(strings.NewReader(gz))
	if err != nil {
		panic(fmt.Errorf("password: blocklist: %w", err))
	}
	var text strings.Builder
	size := gz[len(gz)-4:] // of the text (RFC 1952, section 2.3.1)
	text.Grow(int(binary.LittleEndian.Uint32([]byte(size))))
	if _, err := io.Copy(&text, r); err != nil { //nolint:gosec // a trusted file
		panic(fmt.Errorf("password: blocklist: %w", err))
	}
	return text.String()
}
