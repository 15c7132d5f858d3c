package testkit

import (
	"context"
	"sync"
	"testing"

	"resetd/internal/testkit/mariadb"
)

// mariaServer starts one server for all tests of a process.
var mariaServer = sync.OnceValues(func() (*mariadb.Server, error) { return mariadb.Start(context.Background(), false) })

// MariaDB returns the URL of an empty MariaDB database. The test drops it at the end.
func MariaDB(t testing.TB) string {
	t.Helper()
	server, err := mariaServer()
	if err != nil {
		t.Fatal(err)
	}
	name := newName()
	root, err := Connect(server.URL("mysql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.ExecContext(t.Context(), "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = root.ExecContext(context.Background(), "DROP DATABASE "+name)
		_ = root.Close()
	})
	return server.URL(name)
}
