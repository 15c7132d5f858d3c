package sqldb

import (
	"iter"
	"strconv"
	"strings"
	"sync"
)

// mostRows is how many rows one statement writes at most.
const mostRows = 64

// Chunks splits rows into parts for one statement each: of 64, 32 and 16, and the
// rest. A statement for many rows has as many placeholders, so with few sizes there
// are few statements, and they stay prepared.
func Chunks[T any](rows []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(rows) > 0 {
			n := chunk(len(rows))
			if !yield(rows[:n]) {
				return
			}
			rows = rows[n:]
		}
	}
}

func chunk(n int) int {
	for size := mostRows; size >= 16; size /= 2 {
		if n >= size {
			return size
		}
	}
	return n
}

// OneChunk reports whether n rows fit into one statement.
func OneChunk(n int) bool { return chunk(n) == n }

// RowTemplate is one row of VALUES. Its placeholders count from 1 in each row.
type RowTemplate struct {
	Text  string
	Width int // how many arguments a row has
}

type repeated struct {
	RowTemplate
	n, before int
}

var repeatedRows sync.Map // of repeated: their text

// Times returns the template for n rows, whose arguments come after some others.
func (t RowTemplate) Times(n, before int) string {
	key := repeated{t, n, before}
	known, _ := repeatedRows.Load(key)
	if text, ok := known.(string); ok {
		return text
	}
	rows := make([]string, n)
	for i := range rows {
		rows[i] = t.shifted(before + i*t.Width)
	}
	text := strings.Join(rows, ", ")
	repeatedRows.Store(key, text)
	return text
}

// shifted adds a number to all placeholders.
func (t RowTemplate) shifted(by int) string {
	parts := strings.Split(t.Text, "$")
	for i, part := range parts[1:] {
		digits := len(part) - len(strings.TrimLeft(part, "0123456789"))
		number, _ := strconv.Atoi(part[:digits])
		parts[i+1] = strconv.Itoa(by+number) + part[digits:]
	}
	return strings.Join(parts, "$")
}
