package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

const (
	limit  = 10 * time.Millisecond // for the 99th percentile
	growth = 1.5                   // at most, from the fewest resets to the most
	little = time.Millisecond      // what is faster may grow as it likes
)

// printTable writes the sizes side by side, each with the time in the database and
// that of whole calls, how the last grew over the first, and what missed. It returns how many missed. A count is no page: it has no
// limit but its cap.
func printTable(w io.Writer, sizes []size) (missed int) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(out, "search | page\t")
	for _, s := range sizes {
		_, _ = fmt.Fprintf(out, "%d: p50 ms\tp99 ms\tcall p50\tcall p99\t", s.resets)
	}
	_, _ = fmt.Fprintln(out, "growth\t\t")
	first, last := sizes[0], sizes[len(sizes)-1]
	for _, name := range last.order {
		_, _ = fmt.Fprintf(out, "%s\t", name)
		for _, s := range sizes {
			if at, there := s.took[name]; there {
				_, _ = fmt.Fprintf(out, "%s\t%s\t%s\t%s\t", ms(at.p50), ms(at.p99), ms(at.call50), ms(at.call99))
			} else {
				_, _ = fmt.Fprint(out, "-\t-\t-\t-\t")
			}
		}
		grown, why := judged(name, first.took, last.took)
		if why != "" {
			missed++
		}
		_, _ = fmt.Fprintf(out, "%s\t%s\t\n", grown, why)
	}
	_ = out.Flush()
	_, _ = fmt.Fprintf(w, "%d of %d missed\n", missed, len(last.order))
	return missed
}

// judged says how much the median grew, and what is wrong with a row.
func judged(name string, first, last map[string]percentiles) (grown, why string) {
	var wrong []string
	if last[name].p99 >= limit {
		wrong = append(wrong, "slow")
	}
	if at, there := first[name]; there && at.p50 > 0 {
		times := float64(last[name].p50) / float64(at.p50)
		grown = fmt.Sprintf("%.2f", times)
		if times >= growth && last[name].p50 >= little {
			wrong = append(wrong, "grows")
		}
	}
	if strings.HasPrefix(name, "count ") {
		wrong = nil
	}
	return grown, strings.Join(wrong, ", ")
}
