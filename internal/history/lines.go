package history

import "io"

// Lines writes lines of texts under fixed names, for exports of other things than
// resets. It writes like NewCSV or NewJSON; an empty text is null in JSON.
type Lines struct {
	names []string
	out   lineWriter
}

type lineWriter interface {
	line(fields []field) error
	Close() error
}

// NewCSVLines writes a header line first.
func NewCSVLines(w io.Writer, names ...string) Lines {
	return Lines{names, newCSV(w, fieldsOf(names, make([]string, len(names))))}
}

// NewJSONLines writes one object per line.
func NewJSONLines(w io.Writer, names ...string) Lines { return Lines{names, jsonLines{w}} }

// Line writes one text for each name.
func (l Lines) Line(texts ...string) error { return l.out.line(fieldsOf(l.names, texts)) }

// Close writes what is buffered.
func (l Lines) Close() error { return l.out.Close() }

func fieldsOf(names, texts []string) []field {
	fields := make([]field, len(names))
	for i, name := range names {
		fields[i] = textField(name, texts[i])
	}
	return fields
}
