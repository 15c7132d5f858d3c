package timing

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// limitT is where TVLA, the usual test for side channels, calls a difference
// proven: by chance it comes once in 150,000 comparisons (Goodwill et al., "A
// testing methodology for side-channel resistance validation", 2011).
const limitT = 4.5

// crops are the shares of all answers, the fastest ones, that are compared; the
// first is all, the last is the one that sees most.
//
// Each of them counts, as in dudect (Reparaz et al., "Dude, is my code constant
// time?", 2017), which takes the largest |t| of a hundred such shares and of
// all. The slowest answers belong to the machine and not to the program: one
// stall weighs as much as thousands of answers. An attacker leaves them out and
// looks at the fast ones (Crosby et al., "Opportunities and limits of remote
// timing attacks", 2009). All samples count too, since a difference may lie in
// the slowest alone.
var crops = []float64{1, 0.99, 0.9, 0.75, 0.5}

// comparisons are of one kind with another, one for each of crops.
type comparisons []comparison

// tells is the verdict.
func (cs comparisons) tells() bool {
	return slices.ContainsFunc(cs, func(c comparison) bool { return math.Abs(c.t()) >= limitT })
}

// thresholds are how slow the slowest of each share of all samples is.
func thresholds(took [][]float64) []float64 {
	pool := slices.Concat(took...)
	values := make([]float64, len(crops))
	for i, share := range crops {
		values[i] = percentile(pool, share)
	}
	return values
}

// compareAt crops both samples at the same thresholds, so that cropping favours
// none of them.
func compareAt(thresholds, a, b []float64) (cs comparisons) {
	for _, most := range thresholds {
		cs = append(cs, compare(upTo(a, most), upTo(b, most)))
	}
	return cs
}

// report prints a table of one series, and says whether the time tells anything.
// What follows an answer is printed and does not count: a mail is sent after the
// answer to a known address, by the same cores.
func report(out io.Writer, title string, kinds []kind, samples []sample) (tells bool) {
	took, after := group(len(kinds), samples)
	fmt.Fprintf(out, "\n%-34s %9s %9s %9s", title, "median", "gap", "sees")
	for _, share := range crops {
		fmt.Fprintf(out, " %6s", fmt.Sprintf("t %.0f%%", 100*share))
	}
	fmt.Fprintln(out)
	tells = rows(out, "", kinds, took)
	rows(out, "next after ", kinds, after)
	return tells
}

// group sorts by kind, and by the kind of the request before.
func group(kinds int, samples []sample) (took, after [][]float64) {
	took, after = make([][]float64, kinds), make([][]float64, kinds)
	for i, s := range samples {
		took[s.kind] = append(took[s.kind], s.took)
		if i > 0 {
			before := samples[i-1].kind
			after[before] = append(after[before], s.took)
		}
	}
	return took, after
}

// rows prints a line a kind. The gap is that of the fastest half, and what it
// sees is the least that it would call proven: a table without differences is
// worth as much as that is little.
func rows(out io.Writer, prefix string, kinds []kind, took [][]float64) (tells bool) {
	at := thresholds(took)
	for i, k := range kinds {
		line := fmt.Sprintf("%-34s %9.1f", prefix+k.name, percentile(took[i], 0.5))
		if i > 0 {
			cs := compareAt(at, took[0], took[i])
			half := cs[len(cs)-1]
			line += fmt.Sprintf(" %9.1f %9.1f", half.gap, limitT*half.error)
			for _, c := range cs {
				line += fmt.Sprintf(" %6.2f", c.t())
			}
			if cs.tells() {
				line, tells = line+"  tells", true
			}
		}
		fmt.Fprintln(out, line)
	}
	return tells
}
