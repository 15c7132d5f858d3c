package testkit

import (
	"net/url"
	"runtime"
	"strings"
	"testing"

	"resetd/internal/testkit/postgres"
)

// Pooler returns the URL of a database through a PgBouncer in transaction mode, which
// drops the search_path.
func Pooler(t *testing.T, databaseURL string, settings ...string) string {
	t.Helper()
	runtime.LockOSThread() // the kernel ends the pooler with the thread that started it
	t.Cleanup(runtime.UnlockOSThread)
	if len(settings) == 0 {
		settings = []string{"ignore_startup_parameters=search_path,options"}
	}
	p, err := postgres.StartPooler(t.Context(), databaseURL, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return p.URL(strings.TrimPrefix(u.Path, "/"))
}
