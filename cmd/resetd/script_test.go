package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"resetd/internal/testkit"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"resetd": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// The scripts run the command line on both databases.
func TestCommands(t *testing.T) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(*testing.T) string { return "sqlite:var/resetd.db" },
		"postgres": testkit.EmptyPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			scripts, err := os.ReadDir("testdata/script")
			if err != nil {
				t.Fatal(err)
			}
			for _, script := range scripts {
				database := url(t) // an empty one for each script
				testscript.Run(t, testscript.Params{
					Files:     []string{"testdata/script/" + script.Name()},
					Condition: func(cond string) (bool, error) { return cond == name, nil },
					Setup: func(e *testscript.Env) error {
						e.Setenv("RESETD_DATABASE_URL", database)
						e.Setenv("GORACE", os.Getenv("GORACE"))
						if name == "postgres" {
							e.Setenv("RESETD_SECRET_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
						}
						return nil
					},
				})
			}
		})
	}
}
