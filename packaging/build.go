package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
)

// binary returns the path of the program for a platform.
func (r *release) binary(p platform) string { return filepath.Join(r.work, p.String(), "resetd") }

// build builds the program for all platforms.
func (r *release) build(ctx context.Context) error {
	for _, p := range platforms {
		_, err := r.run(ctx, []string{"CGO_ENABLED=0", "GOOS=" + p.os, "GOARCH=" + p.arch, "GOFLAGS="},
			"go", "build", "-trimpath", "-tags", "nomsgpack", "-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", r.binary(p), "./cmd/resetd")
		if err != nil {
			return err
		}
	}
	return nil
}

// generated are the files that the program itself prints.
var generated = map[string][]string{
	"resetd.env":  {"init", "--template"},
	"resetd.1":    {"manual"},
	"resetd.bash": {"completion", "bash"},
	"_resetd":     {"completion", "zsh"},
	"resetd.fish": {"completion", "fish"},
}

// generate writes the settings, the man page and the completions.
func (r *release) generate(ctx context.Context) error {
	here := r.binary(platform{runtime.GOOS, runtime.GOARCH})
	for name, args := range generated {
		text, err := r.run(ctx, nil, here, args...)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(r.work, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
