package breach

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// counting counts the bytes that are read.
type counting struct {
	*strings.Reader
	reads, bytes int
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.reads++
	c.bytes += n
	return n, err
}

func TestSearchReadsFewBytes(t *testing.T) {
	var lines []string
	for i := range 100_000 {
		lines = append(lines, digest(fmt.Sprint(i))+":3")
	}
	slices.Sort(lines)
	text := strings.Join(lines, "\n")
	for _, plain := range []string{"0", "777", "99999", "absent"} {
		r := &counting{Reader: strings.NewReader(text)}
		if found, err := search(r, r.Size(), digest(plain)); found == (plain == "absent") || err != nil {
			t.Errorf("%s: got %t %v", plain, found, err)
		}
		if r.reads > 30 || r.bytes > 30*2*mostLine {
			t.Errorf("%s: %d reads, %d bytes of %d, want at most 30 reads", plain, r.reads, r.bytes, len(text))
		}
	}
}
