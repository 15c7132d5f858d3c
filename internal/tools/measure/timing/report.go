package timing

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// limitT is the limit of TVLA, the usual test for side channels. It is exceeded by
// chance once in 150,000 comparisons (Goodwill et al., "A testing methodology for
// side-channel resistance validation", 2011).
const limitT = 4.5

// crops are the compared shares of the fastest answers. The first is all answers, the
// last is the most sensitive.
//
// The verdict uses every share, like dudect (Reparaz et al., "Dude, is my code constant
// time?", 2017), which uses the largest |t| of a hundred shares and of all answers. The
// slowest answers come from the machine and not from the program: one delay counts as
// much as thousands of answers. An attacker ignores them and compares the fast ones
// (Crosby et al., "Opportunities and limits of remote timing attacks", 2009). All
// answers count too, because a difference may exist only in the slowest ones.
var crops = []float64{1, 0.99, 0.9, 0.75, 0.5}

// comparisons compare two kinds, one for each of crops.
type comparisons []comparison

// differ is the verdict.
func (cs comparisons) differ() bool {
	return slices.ContainsFunc(cs, func(c comparison) bool { return math.Abs(c.t()) >= limitT })
}

// thresholds returns the slowest time in each share of all samples.
func thresholds(took [][]float64) []float64 {
	pool := slices.Concat(took...)
	values := make([]float64, len(crops))
	for i, share := range crops {
		values[i] = percentile(pool, share)
	}
	return values
}

// compareAt crops both samples at the same thresholds, so cropping has the same effect
// on both.
func compareAt(thresholds, a, b []float64) (cs comparisons) {
	for _, most := range thresholds {
		cs = append(cs, compare(upTo(a, most), upTo(b, most)))
	}
	return cs
}

// report prints a table of a series, and returns whether the time reveals anything. The
// rows by the previous request are printed but do not count, because the same cores send
// the email after the answer to a known address.
func report(out io.Writer, title string, kinds []kind, samples []sample) (differ bool) {
	took, after := group(len(kinds), samples)
	fmt.Fprintf(out, "\n%-34s %9s %9s %9s", title, "median", "gap", "sees")
	for _, share := range crops {
		fmt.Fprintf(out, " %6s", fmt.Sprintf("t %.0f%%", 100*share))
	}
	fmt.Fprintln(out)
	differ = rows(out, "", kinds, took)
	rows(out, "next after ", kinds, after)
	return differ
}

// group groups the times by kind, and by the kind of the previous request.
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

// rows prints a line for each kind. "gap" is the gap of the fastest half. "sees" is the
// smallest gap that the test would detect: the smaller it is, the more a table without
// differences proves.
func rows(out io.Writer, prefix string, kinds []kind, took [][]float64) (differ bool) {
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
			if cs.differ() {
				line, differ = line+"  differ", true
			}
		}
		fmt.Fprintln(out, line)
	}
	return differ
}
