package main

import (
	"fmt"
	"maps"
	"os"

	"github.com/alecthomas/kong"

	"resetd/internal/config"
)

// fileSettings are the variables in the file of --config, and the path of the file
// under filePath.
type fileSettings map[string]string

// filePath is not a valid name of a variable.
const filePath = "="

// behind returns the value of a variable in the environment or, if it has none there,
// in the file.
func (f fileSettings) behind(getenv func(string) string) func(string) string {
	return func(name string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return f[name]
	}
}

// read replaces the variables by those of a file. If the file can't be read, nothing
// changes.
func (f fileSettings) read(path string) error {
	read, err := config.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	clear(f)
	maps.Copy(f, read)
	f[filePath] = path
	return nil
}

// settingsFile is the flag --config. The file is read before the other flags get their
// values.
type settingsFile string

// BeforeResolve implements the hook of kong.
func (settingsFile) BeforeResolve(ctx *kong.Context, trace *kong.Path, f fileSettings) error {
	path, _ := ctx.FlagValue(trace.Flag).(settingsFile)
	return f.read(string(path))
}

// variables returns the variables of the environment and of the file, as os.Environ.
func (in *invocation) variables() []string {
	all := os.Environ()
	for name, value := range in.file {
		if name != filePath {
			all = append(all, name+"="+value)
		}
	}
	return all
}
