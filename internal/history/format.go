package history

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"time"

	"resetd/internal/reset"
)

// Writer writes resets out. It holds nothing back but what fits a buffer.
type Writer interface {
	Write(r reset.Reset, now time.Time) error
	Close() error
}

// Formats are the ways to write resets: for people, for spreadsheets and, an
// object a line, for programs.
var Formats = map[string]func(io.Writer) Writer{"table": NewTable, "csv": NewCSV, "json": NewJSON}

type jsonLines struct{ io.Writer }

// NewJSON writes an object a line with the columns' names.
func NewJSON(w io.Writer) Writer { return jsonLines{w} }

func (j jsonLines) Write(r reset.Reset, now time.Time) error {
	line := []byte{'{'}
	for i, f := range record(r, now) {
		value, err := json.Marshal(f.json)
		if err != nil {
			return err
		}
		if i > 0 {
			line = append(line, ',')
		}
		line = append(strconv.AppendQuote(line, f.name), ':')
		line = append(line, value...)
	}
	_, err := j.Writer.Write(append(line, '}', '\n'))
	return err
}

func (jsonLines) Close() error { return nil }

type commas struct{ *csv.Writer }

// NewCSV writes a line of the columns' names and a line for each reset. A cell
// that a spreadsheet would run is defused, and what a terminal would act on is
// written as an escape: the command prints it there.
func NewCSV(w io.Writer) Writer {
	out := csv.NewWriter(w)
	var names []string
	for _, f := range record(reset.Reset{}, time.Time{}) {
		names = append(names, f.name)
	}
	_ = out.Write(names) // its error comes back with the next one
	return commas{out}
}

func (c commas) Write(reset reset.Reset, now time.Time) error {
	var cells []string
	for _, f := range record(reset, now) {
		cells = append(cells, defused(f.text))
	}
	return c.Writer.Write(cells)
}

func (c commas) Close() error {
	c.Flush()
	return c.Error()
}

// runs is what a spreadsheet would run: at the beginning of a cell, and behind
// what separates cells where a comma does not.
var runs = regexp.MustCompile(`(^|[;,|]\s*)([=+@＝＋－＠-])`)

// defused keeps a spreadsheet from running a cell that somebody made up (OWASP,
// CSV Injection).
func defused(text string) string {
	return runs.ReplaceAllString(Printable(text), "$1'$2") // what is printable has no tab and no line break in it
}
