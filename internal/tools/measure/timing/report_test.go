package timing

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// answers returns n times around 500 µs, modified by change.
func answers(seed uint64, n int, change func(i int, took float64) float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	took := make([]float64, n)
	for i := range took {
		took[i] = change(i, 500+50*rng.NormFloat64())
	}
	return took
}

func TestVerdict(t *testing.T) {
	const n = 20_000
	same := func(_ int, took float64) float64 { return took }
	slower := func(by float64) func(int, float64) float64 {
		return func(_ int, took float64) float64 { return took + by }
	}
	stalls := func(by float64) func(int, float64) float64 {
		return func(i int, took float64) float64 {
			if i%200 == 0 {
				return 100_000
			}
			return took + by
		}
	}
	sometimes := func(i int, took float64) float64 {
		if i%150 == 0 {
			return took + 1000
		}
		return took
	}
	for _, tt := range []struct {
		name string
		a, b func(int, float64) float64
		want bool
	}{
		{"the same", same, same, false},
		{"a gap of a fifth of what it sees", same, slower(0.4), false},
		{"a gap of twice what it sees", same, slower(5), true},
		{"the same between stalls", stalls(0), stalls(0), false},
		{"a gap between stalls", stalls(0), stalls(5), true},
		{"a gap in few answers", same, sometimes, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := answers(1, n, tt.a), answers(2, n, tt.b)
			cs := compareAt(thresholds([][]float64{a, b}), a, b)
			if cs.differ() != tt.want {
				t.Errorf("differ %v, want %v: %+v", cs.differ(), tt.want, cs)
			}
		})
	}
}

func TestGroupByThePreviousRequest(t *testing.T) {
	took, after := group(2, []sample{{0, 10}, {1, 20}, {1, 30}, {0, 40}})
	if !slices.Equal(took[0], []float64{10, 40}) || !slices.Equal(took[1], []float64{20, 30}) {
		t.Errorf("by kind: got %v", took)
	}
	if !slices.Equal(after[0], []float64{20}) || !slices.Equal(after[1], []float64{30, 40}) {
		t.Errorf("by the kind before: got %v", after)
	}
}

// The rows by the previous request are printed but are no part of the verdict.
func TestReport(t *testing.T) {
	kinds := []kind{{name: "known"}, {name: "unknown"}}
	var alike, behind []sample
	for i, k := range order(2, 5000) {
		alike = append(alike, sample{k, 500 + float64(i%7)})
		later := 0.0
		if i > 0 && behind[i-1].kind == 0 {
			later = 100
		}
		behind = append(behind, sample{k, 500 + later + float64(i%7)})
	}
	for name, samples := range map[string][]sample{"alike": alike, "behind": behind} {
		var out strings.Builder
		if report(&out, "sqlite, request", kinds, samples) {
			t.Errorf("%s: got a verdict against it:\n%s", name, out.String())
		}
		if strings.Contains(out.String(), "differ") != (name == "behind") || !strings.Contains(out.String(), "next after unknown") {
			t.Errorf("%s: got\n%s", name, out.String())
		}
	}
}
