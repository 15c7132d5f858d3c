package staff_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"resetd/internal/staff"
)

// Every action must be in one group, so that the activity page can search for it.
func TestGroupsContainEveryActionOnce(t *testing.T) {
	count := map[staff.Action]int{}
	for _, g := range staff.Groups {
		for _, action := range g.Actions {
			count[action]++
		}
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), "actions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Action" {
			declared++
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil || count[staff.Action(text)] != 1 {
				t.Errorf("%s is in %d groups, want 1 (%v)", text, count[staff.Action(text)], err)
			}
		}
		return true
	})
	if declared != len(count) {
		t.Errorf("%d actions are declared, and %d are in groups", declared, len(count))
	}
}
