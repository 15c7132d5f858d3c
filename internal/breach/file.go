package breach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	// mostLine is the maximum length of a line, in bytes. It is longer than a hash, a
	// colon and any count.
	mostLine = 80
	// wholeFile is the size in bytes up to which check reads a file completely.
	wholeFile = 16 << 20
	// checkedPlaces is the number of places that check reads in a larger file.
	checkedPlaces = 2000
)

// file is the path of a file. Each look-up opens it, so it can be replaced by a newer
// one.
type file string

func newFile(path string) (source, error) {
	f := file(path)
	return f, f.with(func(io.ReaderAt, int64) error { return nil })
}

func (f file) with(use func(r io.ReaderAt, size int64) error) error {
	opened, err := os.Open(string(f))
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", string(f))
	}
	return use(opened, info.Size())
}

func (f file) contains(_ context.Context, hash string) (found bool, err error) {
	err = f.with(func(r io.ReaderAt, size int64) error {
		found, err = search(r, size, hash)
		return err
	})
	return found, err
}

// search finds a hash by bisection, in about 36 reads for a file of 40 GB. The line, if
// there is one, begins at low or later and before high.
func search(r io.ReaderAt, size int64, hash string) (bool, error) {
	low, high := int64(0), size
	for low < high {
		middle := low + (high-low)/2
		l, err := lineFrom(r, size, middle)
		if err != nil {
			return false, err
		}
		switch {
		case l.start >= high || hash < l.hash:
			high = middle
		case hash > l.hash:
			low = l.next
		default:
			return l.counts, nil
		}
	}
	return false, nil
}

// line is a line of the file. Without a line, start is the size of the file.
type line struct {
	start, next int64
	hash        string
	counts      bool
}

// lineFrom returns the first line that begins at an offset or later.
func lineFrom(r io.ReaderAt, size, offset int64) (line, error) {
	begin := max(offset-1, 0) // the end of the line before may be there
	text := make([]byte, min(2*mostLine, size-begin))
	if _, err := r.ReadAt(text, begin); err != nil && !errors.Is(err, io.EOF) {
		return line{}, err
	}
	start := begin
	if offset > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 && begin+int64(len(text)) < size {
			return line{}, errFormat
		}
		if end == 0 {
			return line{start: size, next: size}, nil
		}
		text, start = text[end:], begin+int64(end)
	}
	rest, _, _ := bytes.Cut(text, []byte("\n"))
	next := min(start+int64(len(rest))+1, size)
	if len(bytes.TrimSpace(rest)) == 0 {
		return blankLine(r, size, next)
	}
	hash, counts, err := parse(strings.TrimPrefix(string(rest), "\ufeff"), hashDigits)
	return line{start, next, hash, counts}, err
}

// blankLine accepts blank lines only at the end of the file.
func blankLine(r io.ReaderAt, size, next int64) (line, error) {
	rest, err := io.ReadAll(io.NewSectionReader(r, next, min(mostLine, size-next)))
	if err == nil && (len(bytes.TrimSpace(rest)) > 0 || size-next > mostLine) {
		err = errFormat
	}
	return line{start: size, next: size}, err
}

// check reports a file that is empty, malformed or not sorted. It reads a large file at
// places at equal distances.
func (f file) check(ctx context.Context) (words string, err error) {
	err = f.with(func(r io.ReaderAt, size int64) error {
		words = fmt.Sprintf("%s has %d bytes and is sorted", string(f), size)
		return sorted(ctx, r, size)
	})
	return words, err
}

func sorted(ctx context.Context, r io.ReaderAt, size int64) error {
	if size == 0 {
		return errors.New("it is empty")
	}
	step := int64(0)
	if size > wholeFile {
		step = size / checkedPlaces
	}
	previous := ""
	for at, place := int64(0), int64(0); at < size && ctx.Err() == nil; {
		l, err := lineFrom(r, size, at)
		switch {
		case err != nil:
			return fmt.Errorf("byte %d: %w", at, err)
		case l.hash != "" && l.hash < previous:
			return fmt.Errorf("byte %d: it is not sorted by hash; sort it with: LC_ALL=C sort", l.start)
		case l.hash != "":
			previous = l.hash
		}
		at = l.next
		if at > place+2*mostLine && step > 0 { // after a few lines
			place += step
			at = max(at, place)
		}
	}
	return ctx.Err()
}
