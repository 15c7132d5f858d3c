package templates

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLeftoverFilesAreIgnored(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		".DS_Store", "base.html~", "base.html.bak", "base.html.orig", ".base.html.swp", "#base.html#", ".#base.html", "Thumbs.db", "README.md", "._base.html",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("leftover"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := fs.ReadFile(files, "pages/base.html"); err != nil || string(text) == "leftover" {
		t.Errorf("base.html: %q, %v", text, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bsae.html"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "bsae.html overrides no template") {
		t.Errorf("a misspelt name: %v", err)
	}
}
