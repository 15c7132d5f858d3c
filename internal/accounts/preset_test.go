package accounts_test

import (
	"cmp"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"resetd/internal/accounts"
)

func TestPresetsAreListedAndValid(t *testing.T) {
	files, err := fs.Glob(os.DirFS("presets"), "*.toml")
	if err != nil {
		t.Fatal(err)
	}
	listed := accounts.Presets()
	for _, file := range files {
		if name := strings.TrimSuffix(file, ".toml"); !slices.Contains(listed, name) {
			t.Errorf("%s is not listed", name)
		}
	}
	if len(files) != len(listed) || listed[0] != accounts.Builtin {
		t.Errorf("got %q for %d files", listed, len(files))
	}
	for _, name := range listed {
		if _, err := accounts.Load(name); err != nil {
			t.Error(err)
		}
		if line, err := accounts.Summary(name); err != nil || line == "" || strings.HasPrefix(line, "#") || !strings.HasSuffix(line, ".") {
			t.Errorf("%s: summary %q, %v", name, line, err)
		}
	}
	if _, err := accounts.Preset("../presets/django"); err == nil {
		t.Error("a path is a preset")
	}
}

// The changes that the comments of a preset propose must be valid.
func TestProposedChangesOfPresetsAreValid(t *testing.T) {
	for name, changes := range map[string][]string{
		"django":       {`hash = "match"`, `hash = "django-scrypt"`, `after_reset = []`, `after_reset = ["DELETE FROM authtoken_token WHERE user_id = $1"]`},
		"flask-bcrypt": {`prepare = "none"`, `prepare = "sha256-hex"`},
		"werkzeug":     {`hash    = "match"`, `hash = "werkzeug-pbkdf2"`},
		"devise":       {`remember_created_at = NULL WHERE`, `remember_created_at = NULL, updated_at = {now} WHERE`},
		"laravel":      {`hash        = "match"` + "\n" + `hash_prefix = "$2y$"`, `hash = "argon2id" #`},
		"wordpress": {
			`hash        = "bcrypt"` + "\n" + `hash_cost   = 10` + "\n" + `hash_prefix = "$2y$"`, `hash = "wordpress-bcrypt"`,
		},
	} {
		preset, err := accounts.Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(preset)
		for i := 0; i < len(changes); i += 2 {
			if strings.Count(text, changes[i]) != 1 {
				t.Errorf("%s: no %s", name, changes[i])
			}
			text = strings.Replace(text, changes[i], changes[i+1], 1)
		}
		if _, err := accounts.Parse([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The page of each preset has the same parts, in this order, and names the tables of its
// grants. The README lists every preset.
func TestPresetsHaveAPage(t *testing.T) {
	docs := os.DirFS("../../docs/accounts")
	list, err := fs.ReadFile(docs, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{"flask-bcrypt": "flask", "werkzeug": "flask", "devise": "rails-devise"}
	for _, name := range accounts.Presets()[1:] {
		file := cmp.Or(pages[name], name) + ".md"
		page, err := fs.ReadFile(docs, file)
		if err != nil {
			t.Fatal(err)
		}
		var headings []string
		for line := range strings.SplitSeq(string(page), "\n") {
			if heading, is := strings.CutPrefix(line, "## "); is {
				headings = append(headings, heading)
			}
		}
		if want := []string{"What you have", "Three commands", "Grants", "The sign-in page", "What ends", "What to watch"}; !slices.Equal(headings, want) {
			t.Errorf("%s: got %q, want %q", file, headings, want)
		}
		if !strings.Contains(string(list), "`"+name+"`") || !strings.Contains(string(list), "("+file+")") {
			t.Errorf("README.md does not list %s with %s", name, file)
		}
		d, err := accounts.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range d.Grants {
			table := strings.Replace(g.Table, "jos_", "abc12_", 1)
			if !strings.Contains(string(page), g.Privilege) || !strings.Contains(string(page), " ON "+table+" TO resetd") {
				t.Errorf("%s: no grant of %s on %s", file, g.Privilege, table)
			}
		}
	}
}
