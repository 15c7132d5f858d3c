package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// outcome is the result of a part.
type outcome struct {
	part  part
	trial *trial // nil if it was not done
	why   error
}

// figures are the rows of the table.
var figures = []struct {
	name string
	of   func(t *trial) any
}{
	{"faults", func(t *trial) any { return t.faults }},
	{"requests acknowledged", func(t *trial) any { return t.verdict.asks }},
	{"uses acknowledged", func(t *trial) any { return t.verdict.uses }},
	{"done, answer lost", func(t *trial) any { return t.verdict.unheard }},
	{"mails accepted", func(t *trial) any { return t.verdict.mails }},
	{"of these, once more", func(t *trial) any { return t.verdict.repeated }},
	{"answers 503", func(t *trial) any { return t.ledger.count(http.StatusServiceUnavailable) }},
	{"no answer", func(t *trial) any { return t.ledger.count(0) }},
	{"slowest recovery", func(t *trial) any { return t.ledger.slowest.Round(time.Millisecond) }},
	{"all mails settled after", func(t *trial) any { return t.settled.Round(time.Second) }},
	{"acknowledged and lost", func(t *trial) any { return len(t.verdict.lost) }},
	{"links used twice", func(t *trial) any { return len(t.verdict.twice) }},
	{"mails due and unsent", func(t *trial) any { return len(t.verdict.unsent) }},
	{"mails under a wrong name", func(t *trial) any { return len(t.verdict.mail) }},
	{"wrong passwords", func(t *trial) any { return len(t.verdict.password) }},
	{"broken otherwise", func(t *trial) any { return len(t.verdict.other) }},
}

// printTable prints a column for each part that ran on a database, and a line for each
// other part.
func printTable(out io.Writer, database string, outcomes []outcome) {
	line := func(name string, cell func(o outcome) any) {
		_, _ = fmt.Fprintf(out, "%-26s", name)
		for _, o := range outcomes {
			if o.trial != nil {
				_, _ = fmt.Fprintf(out, "%11v", cell(o))
			}
		}
		_, _ = fmt.Fprintln(out)
	}
	line(database, func(o outcome) any { return o.part.name })
	rows := figures
	if !slices.ContainsFunc(outcomes, func(o outcome) bool { return o.trial != nil }) {
		rows = nil
	}
	for _, f := range rows {
		line(f.name, func(o outcome) any { return f.of(o.trial) })
	}
	for _, o := range outcomes {
		printRemarks(out, o)
	}
	_, _ = fmt.Fprintln(out)
}

func printRemarks(out io.Writer, o outcome) {
	if o.trial == nil {
		_, _ = fmt.Fprintf(out, "%s: %v\n", o.part.name, o.why)
		return
	}
	for _, note := range o.trial.notes {
		_, _ = fmt.Fprintf(out, "%s: %s\n", o.part.name, note)
	}
	for _, broken := range o.trial.verdict.broken() {
		_, _ = fmt.Fprintf(out, "%s: BROKEN: %s\n", o.part.name, broken)
	}
}
