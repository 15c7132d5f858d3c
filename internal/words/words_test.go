package words_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"resetd/internal/words"
	"resetd/templates"
)

func load(t *testing.T, files map[string]string) *words.Catalogue {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := words.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLanguageFallsBackToEnglish(t *testing.T) {
	c := load(t, map[string]string{
		"words/en.toml": `hello = "Hello {{.Name}}"`,
		"words/de.toml": `hello = "Hallo {{.Name}}"`,
	})
	for accept, want := range map[string]string{
		"": "Hello O'Example & <b>", "de-AT,de;q=0.9,en;q=0.5": "Hallo O'Example & <b>", "fr": "Hello O'Example & <b>", "nonsense;;;": "Hello O'Example & <b>",
	} {
		got, err := c.In(accept).T("hello", "Name", "O'Example & <b>")
		if err != nil || got != want {
			t.Errorf("%q: got %q %v, want %q", accept, got, err, want)
		}
	}
}

func TestMissingWordsAreAnError(t *testing.T) {
	c := load(t, map[string]string{"words/en.toml": `hello = "Hello"`})
	if got, err := c.In("").T("goodbye"); err == nil {
		t.Errorf("got %q", got)
	}
	if _, err := c.In("").T("hello", "a name without a value"); err == nil {
		t.Error("a name without a value was accepted")
	}
	for name, files := range map[string]fstest.MapFS{
		"no catalogue":  {},
		"a broken file": {"words/en.toml": &fstest.MapFile{Data: []byte("hello = ")}},
	} {
		if _, err := words.Load(files); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestDurationsInWords(t *testing.T) {
	files, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	c, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	for d, want := range map[time.Duration]string{
		time.Minute: "1 minute", 90 * time.Second: "2 minutes", 59 * time.Minute: "59 minutes", time.Hour: "1 hour", 90 * time.Minute: "90 minutes",
		2 * time.Hour: "2 hours", 24 * time.Hour: "24 hours", 48 * time.Hour: "2 days", 0: "0 minutes",
		time.Hour + time.Minute: "61 minutes", 2*time.Hour + time.Second: "2 hours and 1 minute", 1436 * time.Minute: "23 hours and 56 minutes",
		47*time.Hour + 59*time.Minute: "47 hours and 59 minutes", 51*time.Hour - time.Minute: "2 days and 3 hours", 364*24*time.Hour + time.Hour: "364 days and 1 hour",
		59*time.Minute + time.Second: "1 hour", 2*time.Hour - time.Second: "2 hours",
	} {
		if got, err := c.In("en").Duration(d); err != nil || got != want {
			t.Errorf("%v: got %q %v, want %q", d, got, err, want)
		}
		if got := words.Span(d); d >= 2*time.Minute && got != want {
			t.Errorf("%v: the command has %q, the pages %q", d, got, want)
		}
	}
	if got := words.Span(time.Second) + ", " + words.Span(time.Minute) + ", " + words.Span(119*time.Second); got != "1 second, 1 minute, 119 seconds" {
		t.Errorf("got %q", got)
	}
}

// A catalogue of the operator may lack texts of a newer version.
func TestMissingTextsAreBuiltIn(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "en.toml"), []byte(`sign_in = "Enter"`), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := templates.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := c.In("en").T("sign_in"); err != nil || text != "Enter" {
		t.Errorf("an own text: %q, %v", text, err)
	}
	if text, err := c.In("en").T("mail_language"); err != nil || text != "en" {
		t.Errorf("a missing text: %q, %v", text, err)
	}
	missing, err := words.Missing(files)
	if err != nil || !slices.Contains(missing, "en.toml: mail_language") || slices.Contains(missing, "en.toml: sign_in") {
		t.Errorf("missing: %v, %v", missing, err)
	}
}
