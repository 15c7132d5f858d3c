package threats

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// write creates a temporary file.
func write(t *testing.T, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantOneLineEach checks that no text of a visitor starts a line of the log.
func (s *service) wantOneLineEach() {
	s.Helper()
	for line := range strings.Lines(s.program.Log()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry["msg"] == nil {
			s.Errorf("not a log entry: %q", line)
		}
		s.wantPrintable(strings.TrimSuffix(line, "\n"))
	}
}

// wantPrintable checks that a text has no control characters.
func (s *service) wantPrintable(text string) {
	s.Helper()
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		s.Errorf("%q is in %q", text[i:i+1], text)
	}
}
