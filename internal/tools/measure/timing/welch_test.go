package timing

import (
	"math"
	"slices"
	"testing"
)

func TestWelch(t *testing.T) {
	for _, tt := range []struct {
		name         string
		a, b         []float64
		gap, wantErr float64
		t            float64
	}{
		// By hand: means 3 and 7, variances 2.5 and 14, √(2.5/5 + 14/6).
		{"sizes and variances differ", []float64{1, 2, 3, 4, 5}, []float64{2, 4, 6, 8, 10, 12}, 4, 1.6832508, 2.3763541},
		// By Python's statistics module.
		{
			"close to each other",
			[]float64{27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4},
			[]float64{27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4},
			2.8333333, 0.9931224, 2.8529549,
		},
		{"far from each other", []float64{490.2, 340.0, 433.9}, []float64{3.0, 4.0, 1.0, 2.1}, -418.8416667, 43.8141918, -9.5594977},
		{"equal", []float64{1, 1, 1}, []float64{1, 1, 1}, 0, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := compare(tt.a, tt.b)
			if !near(c.gap, tt.gap) || !near(c.error, tt.wantErr) || !near(c.t(), tt.t) {
				t.Errorf("got gap %v, error %v, t %v, want %v, %v, %v", c.gap, c.error, c.t(), tt.gap, tt.wantErr, tt.t)
			}
		})
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestPercentile(t *testing.T) {
	x := []float64{5, 1, 4, 2, 3}
	for share, want := range map[float64]float64{0: 1, 0.2: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := percentile(x, share); got != want {
			t.Errorf("%v of %v: got %v, want %v", share, x, got, want)
		}
	}
	if got := upTo(x, 3); !slices.Equal(got, []float64{1, 2, 3}) || len(x) != 5 || x[0] != 5 {
		t.Errorf("up to 3: got %v, and %v is left", got, x)
	}
}
