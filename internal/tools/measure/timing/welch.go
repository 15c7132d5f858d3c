package timing

import (
	"math"
	"slices"
)

// comparison is the result of Welch's test of two samples.
type comparison struct {
	gap   float64 // of their means, the second minus the first
	error float64 // the standard error of gap
}

// t is Welch's statistic: the gap in standard errors.
func (c comparison) t() float64 {
	if c.gap == 0 {
		return 0
	}
	return c.gap / c.error
}

// compare is Welch's test of two samples, which may have different variances.
func compare(a, b []float64) comparison {
	meanA, varA := moments(a)
	meanB, varB := moments(b)
	return comparison{meanB - meanA, math.Sqrt(varA/float64(len(a)) + varB/float64(len(b)))}
}

// moments returns the mean and the sample variance.
func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(x)-1)
}

// percentile returns the value that a share of x does not exceed.
func percentile(x []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	at := int(math.Ceil(share*float64(len(sorted)))) - 1
	return sorted[max(0, at)]
}

// upTo returns the values that do not exceed a threshold.
func upTo(x []float64, threshold float64) []float64 {
	return slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return v > threshold })
}
