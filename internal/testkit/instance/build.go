package instance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Build builds the program into a folder, with further flags of go build, and
// returns its path.
func Build(ctx context.Context, dir string, flags ...string) (string, error) {
	binary := filepath.Join(dir, "resetd")
	args := append([]string{"build", "-trimpath", "-o", binary}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, "resetd/cmd/resetd")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// Main builds the program once for all tests of a package, runs them, and
// returns the exit status.
func Main(m *testing.M, binary *string) int {
	dir, err := os.MkdirTemp("", "resetd-built-*")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		*binary, err = Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
