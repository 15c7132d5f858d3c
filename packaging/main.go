// Command packaging builds a release: static binaries, packages for Debian and Red Hat, an
// image for containers, a list of the modules inside, and checksums. It is a module of its
// own, so that its libraries are not among those of the program.
//
// Two builds of a commit produce the same bytes: every time in them is the commit's.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is what all parts need to know.
type release struct {
	source  string // folder of the program
	out     string
	work    string // folder for intermediate files
	version string
	at      time.Time // of the commit
}

// platform is an operating system and a processor, in Go's names.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "_" + p.arch }

var platforms = []platform{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}}

func main() {
	r := release{}
	flag.StringVar(&r.source, "source", "..", "folder of the program")
	flag.StringVar(&r.out, "out", "../dist", "folder for the release")
	flag.StringVar(&r.version, "version", "", "version; default: the first one in docs/CHANGELOG.md")
	only := flag.String("only", "", "one platform, such as linux_amd64; default: all")
	flag.Parse()
	platforms = slices.DeleteFunc(platforms, func(p platform) bool { return *only != "" && p.String() != *only })
	if err := r.make(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

func (r *release) make(ctx context.Context) (err error) {
	if err := r.identify(ctx); err != nil {
		return err
	}
	if r.work, err = os.MkdirTemp("", "resetd-dist-*"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.work) }()
	if err := os.RemoveAll(r.out); err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil { //nolint:gosec // everybody may read a release
		return err
	}
	for _, step := range []func(context.Context) error{r.build, r.generate, r.archives, r.packages, r.image, r.sbom, r.checksums} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// firstVersion matches the heading of a version in the changelog.
var firstVersion = regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`)

// identify sets the version and the time.
func (r *release) identify(ctx context.Context) (err error) {
	if r.source, err = filepath.Abs(r.source); err != nil {
		return err
	}
	if r.out, err = filepath.Abs(r.out); err != nil {
		return err
	}
	if r.version == "" {
		text, err := os.ReadFile(filepath.Join(r.source, "docs/CHANGELOG.md"))
		if err != nil {
			return err
		}
		found := firstVersion.FindSubmatch(text)
		if found == nil {
			return fmt.Errorf("docs/CHANGELOG.md has no heading such as ## 1.2.3")
		}
		r.version = string(found[1])
	}
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if seconds == "" {
		out, err := r.run(ctx, nil, "git", "log", "-1", "--format=%ct")
		if err != nil {
			return err
		}
		seconds = strings.TrimSpace(out)
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	r.at = time.Unix(n, 0).UTC()
	return err
}

// run runs a command in the folder of the program and returns what it prints.
func (r *release) run(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stderr = r.source, append(os.Environ(), env...), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return string(out), nil
}

// checksums writes SHA256SUMS, in the form of sha256sum.
func (r *release) checksums(context.Context) error {
	files, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var lines []string
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(r.out, f.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(text), f.Name()))
	}
	slices.Sort(lines)
	return r.publish("SHA256SUMS", []byte(strings.Join(lines, "")))
}

// publish writes a file of the release.
func (r *release) publish(name string, text []byte) error {
	return os.WriteFile(filepath.Join(r.out, name), text, 0o644) //nolint:gosec // everybody may read a release
}
