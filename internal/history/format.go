package history

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strconv"
	"time"

	"resetd/internal/reset"
)

// Writer writes resets. It buffers only a limited number of them, except the table.
type Writer interface {
	Write(r reset.Reset, now time.Time) error
	// WriteEvent writes an event of an account. A CSV needs the columns for it, see
	// NewCSVWithEvents.
	WriteEvent(e reset.Event) error
	Close() error
}

// Formats are the output formats: for people, for spreadsheets and for programs.
var Formats = map[string]func(io.Writer) Writer{"table": NewTable, "csv": NewCSV, "json": NewJSON}

// FormatsWithEvents are the output formats for resets and the events of an account.
var FormatsWithEvents = map[string]func(io.Writer) Writer{"table": NewTable, "csv": NewCSVWithEvents, "json": NewJSON}

type jsonLines struct{ io.Writer }

// NewJSON writes one JSON object per line. Its keys are the columns' names.
func NewJSON(w io.Writer) Writer { return jsonLines{w} }

func (j jsonLines) Write(r reset.Reset, now time.Time) error { return j.line(resetFields(r, now)) }

func (j jsonLines) WriteEvent(e reset.Event) error { return j.line(eventFields(e)) }

func (j jsonLines) line(fields []field) error {
	line := []byte{'{'}
	for i, f := range fields {
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

type commas struct {
	*csv.Writer
	names []string
}

// NewCSV writes a header line and a line for each reset. It changes cells that a
// spreadsheet would run as formulas, and escapes characters that would control a
// terminal.
func NewCSV(w io.Writer) Writer { return newCSV(w, resetFields(reset.Reset{}, time.Time{})) }

// NewCSVWithEvents is NewCSV with further columns, which only events have.
func NewCSVWithEvents(w io.Writer) Writer {
	return newCSV(w, append(resetFields(reset.Reset{}, time.Time{}), eventFields(reset.Event{})[sharedFields:]...))
}

func newCSV(w io.Writer, fields []field) commas {
	c := commas{Writer: csv.NewWriter(w)}
	for _, f := range fields {
		c.names = append(c.names, f.name)
	}
	_ = c.Writer.Write(c.names) // the next Write returns its error
	return c
}

func (c commas) Write(r reset.Reset, now time.Time) error { return c.line(resetFields(r, now)) }

func (c commas) WriteEvent(e reset.Event) error { return c.line(eventFields(e)) }

// line writes the fields into the columns with their names.
func (c commas) line(fields []field) error {
	cells := make([]string, len(c.names))
	for i, f := range fields {
		if c.names[i] != f.name { // an event has fewer columns
			i = slices.Index(c.names, f.name)
		}
		cells[i] = defused(f.text)
	}
	return c.Writer.Write(cells)
}

func (c commas) Close() error {
	c.Flush()
	return c.Error()
}

// runs matches the start of a formula: at the beginning of a cell, and after the
// characters that separate cells in some countries. Some programs remove blanks first.
var runs = regexp.MustCompile(`((?:^|[;,|])\s*)([=+@＝＋－＠-])`)

// defused returns a text that a spreadsheet does not run as a formula (OWASP, CSV
// Injection).
func defused(text string) string {
	return runs.ReplaceAllString(Printable(text), "$1'$2") // Printable escapes tabs and line breaks
}
