package main

import (
	"cmp"
	"fmt"
	"runtime/debug"
)

type versionCmd struct{}

// Run implements resetd version: the version, the commit and the Go version, as
// the build recorded them.
func (versionCmd) Run(in *invocation) error {
	number, commit, goVersion := buildVersion()
	_, err := fmt.Fprintf(in.stdout, "resetd %s, commit %s, %s\n", number, commit, goVersion)
	return err
}

// version is the version of a release. The build sets it.
var version string

func buildVersion() (number, commit, goVersion string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", "unknown", "unknown"
	}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " (changed since)"
		}
	}
	return cmp.Or(version, info.Main.Version, "unknown"), cmp.Or(commit, "unknown") + changed, info.GoVersion
}
