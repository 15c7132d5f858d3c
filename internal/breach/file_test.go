package breach_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"resetd/internal/breach"
)

func TestFile(t *testing.T) {
	lines := sortedLines("password", "an otter in the attic", "grüße")
	for name, text := range map[string]string{
		"LF":                   strings.Join(lines, "\n") + "\n",
		"CRLF":                 strings.Join(lines, "\r\n") + "\r\n",
		"no final line end":    strings.Join(lines, "\n"),
		"CRLF, no final end":   strings.Join(lines, "\r\n"),
		"lower case":           strings.ToLower(strings.Join(lines, "\n")) + "\n",
		"blank lines after it": strings.Join(lines, "\n") + "\n\n\r\n",
		"byte order mark":      "\ufeff" + strings.Join(lines, "\n"),
		"large counts":         strings.ReplaceAll(strings.Join(lines, "\n"), ":3", ":12345678901234567890"),
		"no counts":            strings.ReplaceAll(strings.Join(lines, "\n"), ":3", ""),
	} {
		c := fileChecker(t, text)
		for _, plain := range []string{"password", "an otter in the attic", "grüße", "gru\u0308ße", "filler 0", "filler 700", "filler 1999"} {
			if found, err := c.Contains(t.Context(), plain); !found || err != nil {
				t.Errorf("%s: %q: got %t %v, want found", name, plain, found, err)
			}
		}
		for i := range 200 {
			plain := fmt.Sprint("nobody has this ", i)
			if found, err := c.Contains(t.Context(), plain); found || err != nil {
				t.Errorf("%s: %q: got %t %v, want not found", name, plain, found, err)
			}
		}
		if words, complete, err := c.Check(t.Context()); err != nil || !complete || !strings.Contains(words, "sorted") {
			t.Errorf("%s: check: got %q %t %v", name, words, complete, err)
		}
	}
}

// Each line is found, whatever the number and the lengths of the lines are.
func TestEveryLineOfSmallFilesIsFound(t *testing.T) {
	for n := range 12 {
		var hashes []string
		for i := range n {
			hashes = append(hashes, fmt.Sprintf("%s:%d", hash(fmt.Sprint(i)), 1+1<<(4*i)))
		}
		slices.Sort(hashes)
		c := fileChecker(t, strings.Join(hashes, "\n")+"\n")
		for i := range n + 5 {
			if found, err := c.Contains(t.Context(), fmt.Sprint(i)); found != (i < n) || err != nil {
				t.Errorf("%d lines, password %d: got %t %v", n, i, found, err)
			}
		}
	}
}

func TestLinesWithCountZeroAreNoPasswords(t *testing.T) {
	c := fileChecker(t, strings.ReplaceAll(strings.Join(sortedLines("password"), "\n"), hash("password")+":3", hash("password")+":0"))
	if found, err := c.Contains(t.Context(), "password"); found || err != nil {
		t.Errorf("got %t %v, want not found", found, err)
	}
}

func TestCheckReportsUnusableFiles(t *testing.T) {
	lines := sortedLines("password")
	swapped := slices.Clone(lines)
	swapped[700], swapped[701] = swapped[701], swapped[700]
	byCount := slices.Clone(lines)
	slices.Reverse(byCount)
	for name, c := range map[string]struct{ text, want string }{
		"empty":             {"", "empty"},
		"not sorted":        {strings.Join(byCount, "\n"), "not sorted"},
		"two lines swapped": {strings.Join(swapped, "\n"), "not sorted"},
		"passwords":         {"123456\npassword\n", "not a hash"},
		"a long line":       {strings.Repeat("a", 1000), "not a hash"},
		"other hashes":      {strings.Repeat("0", 32) + ":3\n", "not a hash"},
		"two columns":       {hash("password") + " 3\n", "not a hash"},
		"a blank line":      {strings.Join(lines[:9], "\n") + "\n\n" + strings.Join(lines[9:], "\n"), "not a hash"},
		"a web page":        {"<html>\n<p>" + strings.Repeat("not found", 40), "not a hash"},
	} {
		words, _, err := fileChecker(t, c.text).Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), hash("password")) {
			t.Errorf("%s: got %q %v, want an error with %q and without the line", name, words, err, c.want)
		}
	}
}

// A file above 16 MiB is checked at many places, not as a whole.
func TestCheckReportsALargeFileThatIsNotSorted(t *testing.T) {
	var text strings.Builder
	for i := range 400_000 {
		fmt.Fprintf(&text, "%040X:1\n", uint64(i)*0x9E3779B97F4A7C15)
	}
	if _, _, err := fileChecker(t, text.String()).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "not sorted") {
		t.Errorf("got %v, want not sorted", err)
	}
	text.Reset()
	for i := range 400_000 {
		fmt.Fprintf(&text, "%040X:1\n", i)
	}
	if words, complete, err := fileChecker(t, text.String()).Check(t.Context()); err != nil || complete {
		t.Errorf("got %q %t %v, want a sorted file without the password", words, complete, err)
	}
}

func TestUnreadableFilesAreRefused(t *testing.T) {
	for name, path := range map[string]string{"missing": filepath.Join(t.TempDir(), "none"), "a folder": t.TempDir()} {
		if c, err := breach.New(path, false); err == nil || c != nil {
			t.Errorf("%s: got %v %v, want an error", name, c, err)
		}
	}
}

func TestEmptyFileContainsNothing(t *testing.T) {
	if found, err := fileChecker(t, "").Contains(t.Context(), "password"); found || err != nil {
		t.Errorf("got %t %v", found, err)
	}
}

func TestFileCanBeReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), "breached.txt")
	write(t, path, hash("one")+":1\n")
	c, err := breach.New(path, false)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path+".new", hash("two")+":1\n")
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if found, err := c.Contains(t.Context(), "two"); !found || err != nil {
		t.Errorf("got %t %v, want the line of the new file", found, err)
	}
}

// sortedLines returns the lines of a file with these passwords and 2000 others.
func sortedLines(plain ...string) (lines []string) {
	for i := range 2000 {
		plain = append(plain, fmt.Sprint("filler ", i))
	}
	for _, p := range plain {
		lines = append(lines, hash(p)+":3")
	}
	slices.Sort(lines)
	return lines
}

func fileChecker(t *testing.T, text string) *breach.Checker {
	t.Helper()
	path := filepath.Join(t.TempDir(), "breached.txt")
	write(t, path, text)
	c, err := breach.New(path, true)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
