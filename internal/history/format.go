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

// Writer writes resets. It buffers only a limited number of them, except the table.
type Writer interface {
	Write(r reset.Reset, now time.Time) error
	Close() error
}

// Formats are the output formats: for people, for spreadsheets and for programs.
var Formats = map[string]func(io.Writer) Writer{"table": NewTable, "csv": NewCSV, "json": NewJSON}

type jsonLines struct{ io.Writer }

// NewJSON writes one JSON object per line. Its keys are the columns' names.
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

// NewCSV writes a header line and a line for each reset. It changes cells that a
// spreadsheet would run as formulas, and escapes characters that would control a
// terminal.
func NewCSV(w io.Writer) Writer {
	out := csv.NewWriter(w)
	var names []string
	for _, f := range record(reset.Reset{}, time.Time{}) {
		names = append(names, f.name)
	}
	_ = out.Write(names) // the next Write returns its error
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

// runs matches the start of a formula: at the beginning of a cell, and after the
// characters that separate cells in some countries.
var runs = regexp.MustCompile(`(^|[;,|]\s*)([=+@＝＋－＠-])`)

// defused returns a text that a spreadsheet does not run as a formula (OWASP, CSV
// Injection).
func defused(text string) string {
	return runs.ReplaceAllString(Printable(text), "$1'$2") // Printable escapes tabs and line breaks
}
