package main

import (
	"testing"
	"time"
)

func TestATimeMaySayItsZoneOrBeUTC(t *testing.T) {
	for text, want := range map[string]string{
		"2031-05-06": "2031-05-06T00:00:00Z", "2031-05-06 07:08:09": "2031-05-06T07:08:09Z", "2031-05-06T07:08:09+02:00": "2031-05-06T05:08:09Z",
	} {
		got, err := parseWhen("--since", text)
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: got %v %v, want %s", text, got, err, want)
		}
	}
}
