package main

import (
	"os/exec"
	"strings"
	"testing"
)

// Imports run one way, so that each part can be read, and replaced, by itself.
func TestImportsRunOneWay(t *testing.T) {
	for pkg, forbidden := range map[string][]string{
		"internal/reset": {
			"net/http", "database/sql", "github.com/gin-gonic/gin", "github.com/jmoiron/sqlx", "resetd/internal/store", "resetd/internal/web",
			"resetd/internal/accounts", "resetd/internal/mail", "resetd/internal/config",
		},
		"internal/password": {"net/http", "database/sql", "resetd/internal/reset"},
		"internal/accounts": {"net/http", "database/sql", "resetd/internal/store"},
		"internal/signin":   {"net/http", "database/sql", "resetd/internal/store"},
		"internal/signup":   {"net/http", "database/sql", "resetd/internal/store"},
		"internal/store":    {"github.com/gin-gonic/gin", "resetd/internal/web", "resetd/internal/mail", "resetd/internal/pages", "resetd/internal/config"},
		"internal/mail":     {"database/sql", "github.com/gin-gonic/gin", "resetd/internal/store", "resetd/internal/web", "resetd/internal/pages"},
		"internal/web":      {"resetd/internal/store", "resetd/internal/pages", "resetd/internal/mail"},
		"internal/pages":    {"resetd/internal/store", "resetd/internal/config", "resetd/internal/support"},
		"internal/support":  {"resetd/internal/store", "resetd/internal/config", "resetd/internal/pages"},
		"internal/history":  {"net/http", "database/sql", "resetd/internal/store"},
		"internal/staff":    {"net/http", "database/sql", "resetd/internal/store"},
	} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "resetd/"+pkg).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", pkg, err)
		}
		for dep := range strings.FieldsSeq(string(out)) {
			for _, f := range forbidden {
				if dep == f {
					t.Errorf("%s imports %s", pkg, f)
				}
			}
			if strings.HasPrefix(dep, "resetd/internal/testkit") {
				t.Errorf("%s imports what is for tests", pkg)
			}
		}
	}
}
