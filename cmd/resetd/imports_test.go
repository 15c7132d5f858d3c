package main

import (
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// allowed are the packages of ours that each package may import. Imports go in one
// direction, so each part can be read and replaced separately. The command and the
// tools, which connect the parts, may import all packages.
var allowed = map[string][]string{
	"migrations":               {},
	"templates":                {},
	"internal/password":        {},
	"internal/words":           {"templates"},
	"internal/limit":           {},
	"internal/sqltext":         {},
	"internal/listen":          {},
	"internal/batch":           {"internal/reset"},
	"internal/reset":           {"internal/password"},
	"internal/accounts":        {"internal/password", "internal/reset", "internal/sqltext"},
	"internal/users":           {"internal/password", "internal/reset"},
	"internal/staff":           {"internal/password", "internal/reset"},
	"internal/history":         {"internal/reset"},
	"internal/oidc":            {},
	"internal/breach":          {"internal/reset"},
	"internal/bounce":          {"internal/reset"},
	"internal/config":          {"internal/accounts", "internal/bounce", "internal/breach", "internal/limit", "internal/listen", "internal/mail", "internal/oidc", "internal/password", "internal/reset", "internal/web", "templates"},
	"internal/intake":          {"internal/batch", "internal/limit", "internal/reset"},
	"internal/store/sqldb":     {"internal/batch", "internal/reset", "internal/sqltext", "migrations"},
	"internal/store/directory": {"internal/accounts", "internal/reset", "internal/store/sqldb"},
	"internal/store/search":    {"internal/history", "internal/reset", "internal/store/sqldb"},
	"internal/store/inspect":   {"internal/accounts", "internal/reset", "internal/sqltext", "internal/store/directory", "internal/store/sqldb", "migrations"},
	"internal/store":           {"internal/accounts", "internal/limit", "internal/reset", "internal/staff", "internal/store/directory", "internal/store/search", "internal/store/sqldb", "internal/users", "migrations"},
	"internal/mail":            {"internal/reset", "internal/words"},
	"internal/metrics":         {"internal/intake", "internal/limit", "internal/mail", "internal/password", "internal/reset"},
	"internal/traces":          {},
	"internal/web":             {"internal/limit", "internal/password", "internal/reset", "internal/words"},
	"internal/pages":           {"internal/limit", "internal/reset", "internal/users", "internal/web"},
	"internal/support":         {"internal/history", "internal/limit", "internal/oidc", "internal/reset", "internal/staff", "internal/web"},
	"internal/check":           {"internal/accounts", "internal/config", "internal/listen", "internal/mail", "internal/oidc", "internal/password", "internal/reset", "internal/store", "internal/store/inspect", "internal/store/sqldb", "internal/words"},
}

// The domain knows neither HTTP nor SQL.
var foreign = map[string][]string{
	"internal/reset":    {"net/http", "database/sql"},
	"internal/password": {"net/http", "database/sql"},
	"internal/accounts": {"net/http", "database/sql"},
	"internal/history":  {"net/http", "database/sql"},
	"internal/staff":    {"net/http", "database/sql"},
}

func TestImportsAreAllowed(t *testing.T) {
	for pkg := range strings.FieldsSeq(list(t, "-f", "{{.ImportPath}}", "resetd/...")) {
		pkg = strings.TrimPrefix(pkg, "resetd/")
		if under(pkg, "cmd/resetd", "internal/testkit", "internal/tools", "internal/proofs") {
			continue
		}
		may, known := allowed[pkg]
		if !known {
			t.Errorf("%s is not in the list of allowed imports", pkg)
		}
		imports := strings.Fields(list(t, "-f", "{{join .Imports \" \"}}", "resetd/"+pkg))
		for _, imported := range imports {
			if ours, is := strings.CutPrefix(imported, "resetd/"); is && !slices.Contains(may, ours) {
				t.Errorf("%s imports %s", pkg, ours)
			}
		}
		for _, ours := range may {
			if !slices.Contains(imports, "resetd/"+ours) {
				t.Errorf("%s may import %s, but does not", pkg, ours)
			}
		}
	}
	for pkg, forbidden := range foreign {
		deps := strings.Fields(list(t, "-deps", "resetd/"+pkg))
		for _, f := range forbidden {
			if slices.Contains(deps, f) {
				t.Errorf("%s depends on %s", pkg, f)
			}
		}
	}
}

// A newcomer looks a package up in the overview.
func TestOverviewHasEveryPackage(t *testing.T) {
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range allowed {
		if !strings.Contains(string(text), path.Base(pkg)+"/") {
			t.Errorf("docs/architecture.md does not have %s", pkg)
		}
	}
}

// The program has no test code in it. testkit knows nothing that is made with it.
func TestNothingDependsUpwards(t *testing.T) {
	for dep := range strings.FieldsSeq(list(t, "-deps", "resetd/cmd/...")) {
		if under(dep, "resetd/internal/testkit") {
			t.Errorf("the program depends on %s", dep)
		}
	}
	for dep := range strings.FieldsSeq(list(t, "-deps", "-test", "resetd/internal/testkit/...")) {
		if under(dep, "resetd/cmd", "resetd/internal/tools", "resetd/internal/proofs") {
			t.Errorf("testkit depends on %s", dep)
		}
	}
}

// under reports whether a package is in one of the folders.
func under(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
}

func list(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return string(out)
}
