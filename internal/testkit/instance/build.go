package instance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Build builds resetd in a folder, and returns the path of the binary.
func Build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "resetd")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "resetd/cmd/resetd")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}

// Main builds resetd once for all tests of a package. It runs the tests and returns the
// exit status for TestMain.
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
