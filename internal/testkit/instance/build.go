package instance

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build builds the program into a folder and returns its path.
func Build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "resetd")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", binary, "resetd/cmd/resetd")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
}
