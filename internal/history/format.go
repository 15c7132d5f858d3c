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

type jsonLines struct{ *json.Encoder }

// NewJSON writes an object a line with the columns' names.
func NewJSON(w io.Writer) Writer { return jsonLines{json.NewEncoder(w)} }

func (j jsonLines) Write(r reset.Reset, now time.Time) error { return j.Encode(newRecord(r, now)) }
func (jsonLines) Close() error                               { return nil }

type commas struct{ *csv.Writer }

// NewCSV writes a line of the columns' names and a line for each reset. A cell
// that a spreadsheet would run is defused, and what a terminal would act on is
// written as an escape: the command prints it there.
func NewCSV(w io.Writer) Writer {
	out := csv.NewWriter(w)
	_ = out.Write(header) // its error comes back with the next one
	return commas{out}
}

func (c commas) Write(reset reset.Reset, now time.Time) error {
	r := newRecord(reset, now)
	cells := []string{r.ID}
	for _, p := range []*string{
		r.CreatedAt, r.ExpiresAt, r.UserID, r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy, r.Withheld, r.Mail,
		r.OpenedAt, r.OpenedByIP, r.UsedAt, r.UsedByIP, r.UsedByAgent, r.RevokedAt, r.RevokedBy,
	} {
		cells = append(cells, defused(p))
	}
	return c.Writer.Write(append(cells, r.Status, strconv.FormatBool(r.WasUsed)))
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
func defused(p *string) string {
	if p == nil {
		return ""
	}
	return runs.ReplaceAllString(Printable(*p), "$1'$2") // what is printable has no tab and no line break in it
}
