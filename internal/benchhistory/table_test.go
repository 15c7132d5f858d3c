package main

import (
	"strings"
	"testing"
	"time"
)

func TestTableCountsWhatMissed(t *testing.T) {
	at := func(p50, p99 float64) percentiles {
		return percentiles{p50: time.Duration(p50 * 1e6), p99: time.Duration(p99 * 1e6)}
	}
	names := []string{"good", "slow at the end", "grows", "tiny grows", "new", "count to 10,000"}
	small := size{resets: 1, took: map[string]percentiles{
		"good": at(2, 3), "slow at the end": at(2, 20), "grows": at(1, 2), "tiny grows": at(0.1, 1), "count to 10,000": at(1, 2),
	}}
	large := size{resets: 10, order: names, took: map[string]percentiles{
		"good": at(2.9, 9.9), "slow at the end": at(2, 10), "grows": at(1.5, 3), "tiny grows": at(0.9, 1), "new": at(3, 4), "count to 10,000": at(50, 60),
	}}
	var out strings.Builder
	if got := printTable(&out, []size{small, large}); got != 2 || !strings.Contains(out.String(), "2 of 6 missed") {
		t.Errorf("got %d missed, want 2\n%s", got, &out)
	}
}
