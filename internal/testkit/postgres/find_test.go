package postgres

import (
	"slices"
	"testing"
)

func TestNewestFirst(t *testing.T) {
	t.Parallel()
	got := newestFirst([]string{
		"/usr/lib/postgresql/9.6/bin",
		"/usr/local/opt/postgresql/bin",
		"/usr/lib/postgresql/17/bin",
		"/opt/homebrew/opt/postgresql@18/bin",
	})
	want := []string{
		"/opt/homebrew/opt/postgresql@18/bin",
		"/usr/lib/postgresql/17/bin",
		"/usr/lib/postgresql/9.6/bin",
		"/usr/local/opt/postgresql/bin",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
