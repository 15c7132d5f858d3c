package reset_test

import (
	"testing"

	"resetd/internal/reset"
)

// A flood must get few rows, and a short series all of them.
func TestFewOfManyEventsAreRecorded(t *testing.T) {
	count := func(recorded func(int) bool, until int) (n int) {
		for i := 1; i <= until; i++ {
			if recorded(i) {
				n++
			}
		}
		return n
	}
	for until, want := range map[int]int{0: 0, 5: 5, 7: 5, 8: 6, 20: 7, 3000: 14, 1 << 20: 23} {
		if got := count(reset.Recorded, until); got != want {
			t.Errorf("%d events: %d rows, want %d", until, got, want)
		}
	}
	one := func(total int) bool { return reset.RecordedOf(1, total) }
	for until, want := range map[int]int{32: 32, 63: 32, 64: 33, 1000: 36} {
		if got := count(one, until); got != want {
			t.Errorf("%d events from different networks: %d rows, want %d", until, got, want)
		}
	}
}

func TestNumbersOfEventsAreRead(t *testing.T) {
	for _, c := range []struct {
		reason string
		n      int
		detail string
	}{{"used", 5, "used"}, {"used", 8, "used #8"}, {"", 3, ""}, {"", 16, "#16"}, {"no agent", 1024, "no agent #1024"}} {
		if got := reset.Numbered(c.reason, c.n); got != c.detail {
			t.Errorf("%q, %d: got %q, want %q", c.reason, c.n, got, c.detail)
		}
		want := c.n
		if c.n <= 5 {
			want = 0
		}
		if reason, n := reset.Number(c.detail); reason != c.reason || n != want {
			t.Errorf("%q: got %q, %d", c.detail, reason, n)
		}
	}
	if reason, n := reset.Number("550 #5.1.1 no"); reason != "550 #5.1.1 no" || n != 0 {
		t.Errorf("got %q, %d", reason, n)
	}
}
